//! What was recorded of one symbol: held in memory, or read again and again from where it comes from.

use super::recording::{Frame, Happened};
use crate::engine::{Fixed, SymbolConfig};
use crate::error::SimError;
use binance_kit_core::{Decimal, Symbol};
use std::fmt;
use std::sync::Arc;

/// Frames with their receive times in nanoseconds.
pub(super) type Frames = Box<dyn Iterator<Item = Result<(u64, String), SimError>> + Send>;
/// Opens the frames of a recording from the beginning.
pub(super) type Open = dyn Fn() -> Result<Frames, SimError> + Send + Sync;

/// Where the steps of a symbol are.
pub(super) enum Steps {
    /// In memory, with their times in microseconds since the recording began.
    Held(Vec<(u64, Happened)>),
    /// Wherever these frames come from.
    Read {
        /// Opens the frames.
        open: Arc<Open>,
        /// Time of the first frame, in nanoseconds.
        start: u64,
        /// Whether it is the only symbol, to which frames belong that name none.
        is_only: bool,
    },
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held(_) => "Held",
            Self::Read { .. } => "Read",
        })
    }
}

/// What has to be known of a symbol before its recording is played.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    /// Places of prices and of quantities behind the point that are not zero.
    places: [u32; 2],
    /// The first price.
    price: Option<Fixed>,
    /// The first snapshot.
    pub(super) snapshot: Option<Happened>,
    /// Whether there are single trades, so that aggregate ones are not played.
    pub(super) has_single_trades: bool,
    /// Whether anything has happened.
    pub(super) has_steps: bool,
}

impl Summary {
    /// Looks at something that happened.
    pub(super) fn see(&mut self, step: &Happened, is_aggregate: bool) {
        self.has_steps = true;
        let mut see = |price: Fixed, quantity: Fixed| {
            let [price_places, quantity_places] = &mut self.places;
            *price_places = (*price_places).max(places(price));
            *quantity_places = (*quantity_places).max(places(quantity));
            self.price.get_or_insert(price);
        };
        match step {
            Happened::Snapshot { bids, asks, .. } | Happened::Depth { bids, asks, .. } => {
                bids.iter().chain(asks).for_each(|(price, quantity)| see(*price, *quantity));
            }
            Happened::Trade { price, quantity, .. } => {
                see(*price, *quantity);
                self.has_single_trades |= !is_aggregate;
            }
        }
        if self.snapshot.is_none() && matches!(step, Happened::Snapshot { .. }) {
            self.snapshot = Some(step.clone());
        }
    }

    /// Adds what was seen of frames that name no symbol.
    pub(super) fn add(&mut self, other: Self) {
        for (places, more) in self.places.iter_mut().zip(other.places) {
            *places = (*places).max(more);
        }
        self.price = self.price.or(other.price);
        self.snapshot = self.snapshot.take().or(other.snapshot);
        self.has_single_trades |= other.has_single_trades;
    }
}

/// How many places behind the point are not zero.
fn places(value: Fixed) -> u32 {
    let mut units = value.units();
    let mut places = 8;
    while places > 0 && units % 10 == 0 {
        units /= 10;
        places -= 1;
    }
    places
}

/// Everything of one symbol, with the time since the recording began in microseconds.
#[derive(Debug)]
pub(crate) struct Track {
    /// Symbol.
    pub(super) symbol: Symbol,
    /// What happened, in the order of time.
    pub(super) steps: Steps,
    /// What has to be known before.
    pub(super) summary: Summary,
}

impl Track {
    pub(crate) fn symbol(&self) -> &str {
        self.symbol.as_str()
    }

    /// The first snapshot.
    pub(super) fn snapshot(&self) -> Option<&Happened> {
        self.summary.snapshot.as_ref()
    }

    /// What the symbol must be like: the steps are as fine as anything in the recording.
    pub(crate) fn symbol_config(&self) -> SymbolConfig {
        let [price_places, quantity_places] = self.summary.places;
        let first = match self.snapshot() {
            Some(Happened::Snapshot { bids, .. }) => bids.first().map(|(price, _)| *price),
            _ => None,
        };
        let price = first.or(self.summary.price).unwrap_or(Fixed::ONE);
        let (base, quote) = assets(self.symbol.as_str());
        SymbolConfig::new(self.symbol.as_str(), base, quote, price.to_decimal())
            .tick_size(Decimal::new(1, price_places))
            .step_size(Decimal::new(1, quantity_places))
    }

    /// What happened from a step on.
    pub(super) fn feed(self: &Arc<Self>, position: usize) -> Feed {
        let frames = match &self.steps {
            Steps::Held(_) => None,
            Steps::Read { open, .. } => match open() {
                Ok(frames) => Some(frames),
                Err(error) => {
                    tracing::warn!(%error, symbol = self.symbol(), "the recording ends here");
                    None
                }
            },
        };
        let mut feed = Feed { track: Arc::clone(self), position: 0, frames, next: None };
        match &self.steps {
            Steps::Held(_) => feed.position = position,
            // It was played up to there before.
            Steps::Read { .. } => (0..position).for_each(|_| drop(feed.next_until(u64::MAX))),
        }
        feed
    }
}

/// Base and quote asset, which the name of a symbol does not tell apart: by the quotes there usually are.
pub(super) fn assets(symbol: &str) -> (&str, &str) {
    const QUOTES: [&str; 14] = [
        "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "EUR", "TRY", "BRL", "JPY", "BTC", "ETH", "BNB",
        "USD",
    ];
    QUOTES
        .iter()
        .find_map(|quote| {
            symbol.strip_suffix(quote).filter(|base| !base.is_empty()).map(|base| (base, *quote))
        })
        .unwrap_or((symbol, "USDT"))
}

/// The steps of a track, one after the other. Of a recording that is read there is one frame in memory.
pub(super) struct Feed {
    /// Where they come from.
    track: Arc<Track>,
    /// The next step, of those in memory.
    position: usize,
    /// The frames that come next, where they are read.
    frames: Option<Frames>,
    /// The next frame, of whatever symbol, which was read already; its time in microseconds since the start.
    next: Option<(u64, String)>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("symbol", &self.track.symbol).finish_non_exhaustive()
    }
}

impl Feed {
    /// The next step, unless it is later than this, in microseconds since the recording began.
    pub(super) fn next_until(&mut self, elapsed: u64) -> Option<Happened> {
        let (start, is_only) = match &self.track.steps {
            Steps::Held(steps) => {
                let (_, step) = steps.get(self.position).filter(|(time, _)| *time <= elapsed)?;
                self.position += 1;
                return Some(step.clone());
            }
            Steps::Read { start, is_only, .. } => (*start, *is_only),
        };
        loop {
            if self.next.is_none() {
                match self.frames.as_mut()?.next()? {
                    Ok((time, text)) => self.next = Some((time.saturating_sub(start) / 1000, text)),
                    Err(error) => {
                        tracing::warn!(%error, symbol = self.track.symbol(), "the recording ends here");
                        self.frames = None;
                        return None;
                    }
                }
            }
            // A later frame waits, whosever it is: the next one of a symbol that rarely trades may be at the end of the file.
            let (_, text) = self.next.take_if(|(time, _)| *time <= elapsed)?;
            // Most frames of a recording of many symbols are about others. Names may be written with escapes.
            if !is_only && !text.contains(self.track.symbol()) && !text.contains('\\') {
                continue;
            }
            // What cannot be read was found out when the recording was opened.
            let Ok(Some(frame)) = Frame::read(&text) else { continue };
            let is_ours = frame.symbol.as_ref().map_or(is_only, |symbol| *symbol == self.track.symbol);
            if is_ours && !(frame.is_aggregate && self.track.summary.has_single_trades) {
                return Some(frame.happened);
            }
        }
    }
}
