//! What `main` returns: any error, shown as a message with its causes.

use std::error::Error as StdError;
use std::fmt;

/// The result of a program's `main`, and of functions that pass on errors of any kind: `fn main() -> binance_kit::Result`.
///
/// ```no_run
/// # #[cfg(feature = "stream")]
/// #[tokio::main]
/// async fn main() -> binance_kit::Result {
///     let binance = binance_kit::Binance::production()?;
///     println!("{}", binance.environment().name());
///     Ok(())
/// }
/// # #[cfg(not(feature = "stream"))]
/// # fn main() {}
/// ```
pub type Result<T = (), E = Report> = std::result::Result<T, E>;

/// Any error, or a text. When `main` returns one, the program prints its message and its causes, each on a line.
///
/// ```
/// use binance_kit::Report;
/// let report = Report::from(std::io::Error::other("no such file"));
/// assert_eq!(format!("{report:?}"), "no such file");
/// let report: Report = "set BINANCE_API_KEY".into();
/// assert_eq!(report.to_string(), "set BINANCE_API_KEY");
/// ```
pub struct Report(Box<dyn StdError + Send + Sync>);

impl Report {
    /// The error, to look at its type.
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    /// The error or its first cause of this type.
    pub fn find<T: StdError + 'static>(&self) -> Option<&T> {
        let mut found: Option<&(dyn StdError + 'static)> = Some(&*self.0);
        while let Some(error) = found {
            if let Some(error) = error.downcast_ref() {
                return Some(error);
            }
            found = error.source();
        }
        None
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Report {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// `main` shows what it returns by `Debug`.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.0.downcast_ref::<binance_kit_core::Error>() {
            return fmt::Debug::fmt(error, f);
        }
        binance_kit_core::failure::write_report(f, &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::{ApiError, Error, ErrorCode, Timestamp};

    #[test]
    fn main_prints_message_and_causes() {
        let inner = std::io::Error::other("connection reset");
        let error = Error::new(binance_kit_core::ErrorKind::Connect).with_source(inner);
        let report = Report::from(error);
        assert_eq!(format!("{report:?}"), "cannot connect\n  caused by: connection reset");
        assert!(report.find::<Error>().is_some() && report.find::<std::io::Error>().is_some());
        let api = ApiError::new(ErrorCode::BAD_SYMBOL, "Invalid symbol.");
        let report = Report::from(Error::answered(400, Some(api), None, Timestamp::default()));
        assert_eq!(format!("{report:?}"), "rejected by the exchange (status 400): -1121 Invalid symbol.");
    }
}
