//! Gaps of the market streams, filled from the public record over REST: trades and aggregate trades by id, candles by time.
//! Every request waits for the limit governor, as all others of the same network do.

use binance_kit_core::{Position, StreamName, Symbol};
use binance_kit_model::spot::{self, KlineInterval};
use binance_kit_rest::{Error, RestClient};
use binance_kit_stream::{Backfill, Fetched, Fetching, Missing};
use std::time::Duration;

/// Rows in one answer; the exchange gives no more.
const PAGE: u32 = 1000;
/// How often a request that failed is made again.
const RETRIES: u32 = 5;

/// Fetches what Spot streams have missed; see [`Binance::backfill`](crate::Binance::backfill).
///
/// * Trades (`@trade`) and aggregate trades (`@aggTrade`) are fetched by id. The record does not say when an event was sent:
///   [`spot::TradeEvent::event_time`] of a fetched trade is the time of the trade.
/// * Of candles (`@kline_…`) the final states are fetched; the ids of their trades are not in the record.
///
/// Streams of other kinds have no record: their gaps are reported and stay.
#[derive(Debug, Clone)]
pub struct RestBackfill {
    rest: RestClient,
    most_pages: u32,
}

/// What a stream delivers, as far as the record has it.
#[derive(Debug, Clone)]
enum Kind {
    Trades,
    AggTrades,
    Klines(KlineInterval, Option<&'static str>),
}

impl Kind {
    fn of(stream: &StreamName) -> Option<Self> {
        let (_, kind) = stream.as_str().split_once('@')?;
        Some(match kind {
            "trade" => Self::Trades,
            "aggTrade" => Self::AggTrades,
            _ => {
                let interval = kind.strip_prefix("kline_")?;
                match interval.strip_suffix("@+08:00") {
                    Some(interval) => Self::Klines(KlineInterval::from(interval), Some("8")),
                    None => Self::Klines(KlineInterval::from(interval), None),
                }
            }
        })
    }
}

impl RestBackfill {
    /// Fetches with this client, at most 20 pages of 1,000 rows for one gap.
    pub fn new(rest: RestClient) -> Self {
        Self { rest, most_pages: 20 }
    }

    /// How many pages of 1,000 rows are fetched for one gap at most. What is beyond is reported as missing.
    #[must_use]
    pub fn most_pages(mut self, pages: u32) -> Self {
        self.most_pages = pages.max(1);
        self
    }

    /// Sends a query, again and again if need be: just after a connection was lost, the next one may fail as well.
    async fn query<R>(&self, request: R) -> Result<R::Response, Error>
    where
        R: binance_kit_core::RestRequest + Clone + Send,
        R::Response: Send,
    {
        let mut attempt = 0;
        loop {
            match self.rest.send(request.clone()).await {
                Err(error) if attempt < RETRIES && !error.is_caller_fault() => {
                    attempt += 1;
                    let wait = error.retry_after().unwrap_or(Duration::from_millis(300) * attempt);
                    tracing::debug!(%error, attempt, "a gap could not be filled yet");
                    self.rest.context().clock().sleep(wait).await;
                }
                Err(error) => return Err(error),
                Ok(response) => return Ok(response.into_value()),
            }
        }
    }

    async fn fetch_events(self, missing: Missing) -> Option<Fetched<spot::MarketEvent>> {
        let kind = Kind::of(&missing.stream)?;
        let symbol = Symbol::new(&missing.stream.symbol()?.to_uppercase());
        let mut events = Vec::new();
        let mut is_complete = false;
        let mut from = missing.from;
        let (mut pages, mut late) = (0, 0);
        while pages < self.most_pages {
            let page = match self.page(&kind, &symbol, from, missing.to).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, stream = %missing.stream, "a gap could not be filled");
                    break;
                }
            };
            let Some((last, rows)) = page else {
                // A symbol can be without candles for a while. Ids have no holes: the record is behind the streams.
                is_complete = matches!(kind, Kind::Klines(..));
                if is_complete || late == RETRIES {
                    break;
                }
                late += 1;
                self.rest.context().clock().sleep(Duration::from_millis(300) * late).await;
                continue;
            };
            pages += 1;
            events.extend(rows);
            from = match last {
                Position::Id(id) => Position::Id(id.saturating_add(1)),
                Position::Time(time) => Position::Time(time.plus(Duration::from_millis(1))),
                _ => break,
            };
            if from > missing.to {
                is_complete = true;
                break;
            }
        }
        (is_complete || !events.is_empty()).then_some(Fetched { events, is_complete })
    }

    /// The rows from a place on, and the last place they cover; `None` when there are none up to the end.
    async fn page(
        &self,
        kind: &Kind,
        symbol: &Symbol,
        from: Position,
        to: Position,
    ) -> Result<Option<(Position, Vec<spot::MarketEvent>)>, Error> {
        match (kind, from, to) {
            (Kind::Trades, Position::Id(from), Position::Id(to)) => {
                let request =
                    spot::HistoricalTrades::new(symbol.clone()).from_id(from.into()).limit(limit(from, to));
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Id(row.trade_id.get()));
                let rows = rows
                    .into_iter()
                    .map(|row| spot::MarketEvent::Trade(spot::TradeEvent::of_record(symbol, &row)));
                Ok(last.map(|last| (last, rows.collect())))
            }
            (Kind::AggTrades, Position::Id(from), Position::Id(to)) => {
                let request =
                    spot::AggTrades::new(symbol.clone()).from_id(from.into()).limit(limit(from, to));
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Id(row.agg_trade_id.get()));
                let rows = rows
                    .into_iter()
                    .map(|row| spot::MarketEvent::AggTrade(spot::AggTradeEvent::of_record(symbol, &row)));
                Ok(last.map(|last| (last, rows.collect())))
            }
            (Kind::Klines(interval, zone), Position::Time(from), Position::Time(to)) => {
                let mut request = spot::Klines::new(symbol.clone(), interval.clone())
                    .start_time(from)
                    .end_time(to)
                    .limit(PAGE);
                if let Some(zone) = zone {
                    request = request.time_zone(*zone);
                }
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Time(row.close_time));
                let rows = rows
                    .into_iter()
                    // The one that is going on comes by itself.
                    .filter(|row| row.close_time <= to)
                    .map(|row| spot::MarketEvent::Kline(spot::KlineEvent::of_record(symbol, interval, &row)));
                Ok(last.map(|last| (last, rows.collect())))
            }
            _ => Ok(None),
        }
    }
}

fn limit(from: u64, to: u64) -> u32 {
    u32::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(PAGE).clamp(1, PAGE)
}

impl Backfill<spot::MarketEvent> for RestBackfill {
    fn can_fetch(&self, stream: &StreamName) -> bool {
        Kind::of(stream).is_some()
    }

    fn fetch(&self, missing: Missing) -> Fetching<spot::MarketEvent> {
        Box::pin(self.clone().fetch_events(missing))
    }
}

/// The same for the streams of one kind of event.
macro_rules! backfill_of {
    ($event:ident, $variant:ident, $kind:pat) => {
        impl Backfill<spot::$event> for RestBackfill {
            fn can_fetch(&self, stream: &StreamName) -> bool {
                matches!(Kind::of(stream), Some($kind))
            }

            fn fetch(&self, missing: Missing) -> Fetching<spot::$event> {
                let fetching = self.clone().fetch_events(missing);
                Box::pin(async move {
                    let Fetched { events, is_complete } = fetching.await?;
                    let events = events.into_iter().filter_map(|event| match event {
                        spot::MarketEvent::$variant(event) => Some(event),
                        _ => None,
                    });
                    Some(Fetched { events: events.collect(), is_complete })
                })
            }
        }
    };
}

backfill_of!(TradeEvent, Trade, Kind::Trades);
backfill_of!(AggTradeEvent, AggTrade, Kind::AggTrades);
backfill_of!(KlineEvent, Kline, Kind::Klines(..));
