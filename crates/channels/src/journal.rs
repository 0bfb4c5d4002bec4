use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::{Kind, Page};

/// What became of the last calls, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Journal(VecDeque<Record>);

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub at: UnixMillis,
    pub channel: Kind,
    pub delivery: SmolStr,
    pub title: String,
    /// Why nobody took it; `None`: somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Records kept.
const MOST: usize = 200;

impl Journal {
    pub(crate) fn note(
        &mut self,
        kind: Kind,
        page: &Page,
        failure: Option<String>,
        at: UnixMillis,
    ) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        let (delivery, title) = (page.delivery.clone(), page.title.clone());
        self.0.push_back(Record { at, channel: kind, delivery, title, failure });
    }

    /// The last call by that channel.
    #[must_use]
    pub fn last(&self, kind: Kind) -> Option<&Record> {
        self.0.iter().rev().find(|record| record.channel == kind)
    }

    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.0.iter()
    }
}
