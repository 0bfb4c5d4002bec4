use std::hash::BuildHasher;

use domain::VaultId;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::rule::memory::VaultMemory;

/// What is remembered of each vault, in the order in which they were first heard of.
///
/// The table has places instead of vaults, as a table is never full: what is empty in it costs four bytes instead of a
/// hundred.
#[derive(Debug, Default)]
pub(super) struct WatchedVaults {
    vaults: Vec<(VaultId, VaultMemory)>,
    places: HashTable<u32>,
    hasher: FixedState,
}

impl WatchedVaults {
    fn place(&self, id: &VaultId) -> Option<usize> {
        let same = |place: &u32| self.vaults[*place as usize].0 == *id;
        self.places.find(self.hasher.hash_one(id), same).map(|place| *place as usize)
    }

    pub(super) fn get(&self, id: &VaultId) -> Option<&VaultMemory> {
        self.place(id).map(|place| &self.vaults[place].1)
    }

    pub(super) fn get_or_insert_with(
        &mut self,
        id: &VaultId,
        make: impl FnOnce() -> VaultMemory,
    ) -> &mut VaultMemory {
        let place = self.place(id).unwrap_or_else(|| {
            let place = self.vaults.len();
            self.vaults.push((id.clone(), make()));
            let (vaults, hasher) = (&self.vaults, &self.hasher);
            let hash = |place: &u32| hasher.hash_one(&vaults[*place as usize].0);
            let number = u32::try_from(place).expect("there are fewer vaults");
            self.places.insert_unique(hasher.hash_one(id), number, hash);
            place
        });
        &mut self.vaults[place].1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.vaults.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.vaults.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&VaultId, &VaultMemory)> {
        self.vaults.iter().map(|(id, memory)| (id, memory))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&VaultId, &mut VaultMemory)> {
        self.vaults.iter_mut().map(|(id, memory)| (&*id, memory))
    }
}
