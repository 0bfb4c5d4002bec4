use std::collections::BTreeSet;

/// What the child had told when it died.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) kept: BTreeSet<String>,
    settling: BTreeSet<String>,
    settled: BTreeSet<String>,
}

impl Told {
    pub(crate) fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut told = Self::default();
        lines.into_iter().for_each(|line| told.line(line));
        told
    }

    /// Takes one line of the child's output; lines of the test harness mean nothing.
    pub(crate) fn line(&mut self, line: &str) {
        let Some((what, id)) = line.split_once(' ') else { return };
        let set = match what {
            "kept" => &mut self.kept,
            "settling" => &mut self.settling,
            "settled" => &mut self.settled,
            _ => return,
        };
        set.insert(id.to_owned());
    }

    /// Items that were told as kept and are not there, though nobody asked for their end.
    pub(crate) fn lost(&self, found: &BTreeSet<String>) -> Vec<String> {
        self.kept.difference(&self.settling).filter(|id| !found.contains(*id)).cloned().collect()
    }

    /// Items that were told as settled and are there again: the server would get them twice.
    pub(crate) fn back(&self, found: &BTreeSet<String>) -> Vec<String> {
        self.settled.intersection(found).cloned().collect()
    }
}
