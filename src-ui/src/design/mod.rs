//! The small parts everything is made of. The style sheets beside them are linked by `index.html`; `#/gallery` of a
//! build for development shows them all.

mod bar;
pub(crate) mod chart;
mod dialog;
mod discard;
mod dropdown;
mod empty;
mod entry;
mod field;
mod flash;
#[cfg(feature = "recorded")]
mod gallery;
mod icon;
mod level;
mod menu;
mod slider;
mod sparkline;
mod toast;

pub(crate) use bar::{bar_filled, bar_marks, ltv_bar};
pub(crate) use dialog::Dialog;
pub(crate) use discard::{Discard, DiscardProps, use_discard};
pub(crate) use dropdown::{Dropdown, option};
pub(crate) use empty::Empty;
pub(crate) use entry::{Entry, Select};
pub(crate) use field::{Accept, Field, Switch};
pub(crate) use flash::{Figure, Flash, fade_with_values};
#[cfg(feature = "recorded")]
pub(crate) use gallery::Gallery;
pub(crate) use icon::{Icon, mark};
pub(crate) use level::{
    badge, level_icon, level_shape, level_style, level_word, section_icon, section_style, style_of,
};
pub(crate) use menu::{Choice, ChoiceKind, Choices, Menu, MenuList, MenuListProps, Place, choices};
pub(crate) use slider::Slider;
pub(crate) use sparkline::spark_path;
#[cfg(feature = "recorded")]
pub(crate) use sparkline::sparkline;
pub(crate) use toast::{Toast, action_word, alert_icon, state_style};
