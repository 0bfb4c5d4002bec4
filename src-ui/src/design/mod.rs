//! The small parts everything is made of. The style sheets beside them are linked by `index.html`.

mod bar;
mod empty;
mod flash;
mod icon;
mod level;
mod sparkline;

pub(crate) use bar::ltv_bar;
pub(crate) use empty::Empty;
pub(crate) use flash::Figure;
pub(crate) use icon::{Icon, mark};
pub(crate) use level::{badge, level_icon, level_style, section_icon, section_style, style_of};
pub(crate) use sparkline::sparkline;
