//! The program's own sound and the tray, which go on until somebody answers; and the test that somebody asks for.

use domain::Level;
use domain::view::{NotificationId, NotifyScope};

use super::{Attention, Context};
use crate::effect::{Alarm, Effect};
use crate::{Alert, Condition, Subject, words};

impl Attention {
    pub(crate) fn alarm(&self) -> Alarm {
        self.common.alarm
    }

    /// Something critical may be new: that it is answered can wait for the next second.
    pub(crate) fn begin_alarm(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        if !self.common.alarm.attention {
            self.sound_alarm(cx, out);
        }
    }

    /// The state of the sound and the tray.
    pub(super) fn sound_alarm(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let mut alarm = Alarm::default();
        for open in self.open.values() {
            let head = open.view.incident.is_none() && !open.condition.is_notice();
            if !(head && open.is_firing() && open.is_critical()) {
                continue;
            }
            let test = open.is_test();
            let silent = cx.policy.demo || cx.policy.scope == NotifyScope::None;
            if silent && !test {
                continue;
            }
            alarm.attention = true;
            alarm.sound |= open.series.heard || test;
        }
        if alarm != self.common.alarm {
            self.common.alarm = alarm;
            self.common_changed = true;
            out.push(Effect::Alarm(alarm));
        }
    }

    /// A critical alert that is none.
    pub(crate) fn test_critical(&mut self, cx: Context<'_>, out: &mut Vec<Effect>) {
        let condition = Condition { vault: None, subject: Subject::Test };
        if self.by_condition.contains_key(&condition) {
            return;
        }
        let said = words::test_critical(cx.policy.language);
        let alert = Alert::new(condition, Level::Critical, said, cx.now);
        self.raise(alert, cx, out);
        self.sound_alarm(cx, out);
    }

    pub(super) fn end_test(&mut self, id: NotificationId, cx: Context<'_>, out: &mut Vec<Effect>) {
        if let Some(open) = self.open.get_mut(&id) {
            (open.view.title, open.view.message) = words::test_over(cx.policy.language);
            open.resolve();
            self.close(id, cx, out);
        }
    }
}
