use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use super::Sink;
use crate::Topic;

/// Where messages go.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) id: u64,
    pub(super) topic: Topic,
    pub(super) sink: Arc<dyn Sink>,
}

/// All routes of a connection. The table is replaced as a whole, so that handing out a delivery takes one lock.
#[derive(Default)]
pub(super) struct Routes(Mutex<Arc<Table>>);

#[derive(Clone, Default)]
pub(super) struct Table {
    exact: HashMap<SmolStr, Vec<Route>>,
    prefixes: Vec<Route>,
}

impl Routes {
    pub(super) fn table(&self) -> Arc<Table> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, route: Route) {
        self.change(|table| table.of(&route.topic).push(route));
    }

    pub(super) fn remove(&self, route: &Route) {
        self.change(|table| {
            table.of(&route.topic).retain(|other| other.id != route.id);
            table.exact.retain(|_, routes| !routes.is_empty());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut table));
    }
}

impl Table {
    /// Whoever wants messages of this type.
    pub(super) fn select(&self, ty: &SmolStr) -> impl Iterator<Item = &Arc<dyn Sink>> {
        let exact = self.exact.get(ty).into_iter().flatten();
        let prefixes = self.prefixes.iter().filter(|route| route.topic.matches(ty));
        exact.chain(prefixes).map(|route| &route.sink)
    }

    fn of(&mut self, topic: &Topic) -> &mut Vec<Route> {
        let text = topic.to_string();
        match text.ends_with('*') {
            true => &mut self.prefixes,
            false => self.exact.entry(text.into()).or_default(),
        }
    }
}
