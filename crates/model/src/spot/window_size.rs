//! The window of a rolling-window ticker.

use crate::param::Param;
use binance_kit_core::{InvalidRequest, ParamWriter};

/// The window of a rolling-window ticker: minutes, hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowSize {
    /// 1 to 59 minutes.
    Minutes(u8),
    /// 1 to 23 hours.
    Hours(u8),
    /// 1 to 7 days.
    Days(u8),
}

impl WindowSize {
    pub(super) fn check(self) -> Result<(), InvalidRequest> {
        let (count, most, unit) = match self {
            Self::Minutes(count) => (count, 59, "minutes"),
            Self::Hours(count) => (count, 23, "hours"),
            Self::Days(count) => (count, 7, "days"),
        };
        if (1..=most).contains(&count) {
            return Ok(());
        }
        Err(InvalidRequest::new("windowSize", format!("must be 1 to {most} {unit}, but is {count}")))
    }
}

impl std::fmt::Display for WindowSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Minutes(count) => write!(f, "{count}m"),
            Self::Hours(count) => write!(f, "{count}h"),
            Self::Days(count) => write!(f, "{count}d"),
        }
    }
}

impl Param for WindowSize {
    fn write(&self, name: &'static str, params: &mut ParamWriter) {
        params.text(name, &self.to_string());
    }
}
