use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use super::Sink;
use crate::Topic;

/// Where messages go. A stream has one, however many use it: a message is taken once.
#[derive(Clone)]
struct Route {
    topic: Topic,
    sink: Arc<dyn Sink>,
    users: usize,
}

impl Route {
    fn leads_to(&self, sink: &Arc<dyn Sink>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.sink), Arc::as_ptr(sink))
    }
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

    /// One more user of the sink.
    pub(super) fn add(&self, topic: &Topic, sink: &Arc<dyn Sink>) {
        self.change(|table| {
            let routes = table.of(topic);
            match routes.iter_mut().find(|route| route.leads_to(sink)) {
                Some(route) => route.users += 1,
                None => {
                    routes.push(Route { topic: topic.clone(), sink: Arc::clone(sink), users: 1 });
                }
            }
        });
    }

    /// One user less.
    pub(super) fn remove(&self, topic: &Topic, sink: &Arc<dyn Sink>) {
        self.change(|table| {
            let routes = table.of(topic);
            if let Some(place) = routes.iter().position(|route| route.leads_to(sink)) {
                routes[place].users -= 1;
                if routes[place].users == 0 {
                    routes.remove(place);
                }
            }
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
    pub(super) fn select(&self, ty: &str) -> impl Iterator<Item = &Arc<dyn Sink>> {
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
