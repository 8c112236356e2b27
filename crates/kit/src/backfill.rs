//! Gaps of the market streams, filled from the public record over REST: trades and aggregate trades by id, candles by time.
//! Every request waits for the limit governor, as all others of the same context do.

use crate::MarketEvent;
use crate::spot;
use binance_kit_core::{Api, Decoded, Error, Position, Record, StreamInfo, Symbol};
use binance_kit_rest::RestClient;
use binance_kit_stream::{Backfill, Fetched, Fetching, Missing};
use std::time::Duration;

/// Rows in one answer; the exchange gives no more.
const PAGE: u32 = 1000;
/// How often a request that failed is made again.
const RETRIES: u32 = 5;

/// Fetches missed events of Spot's streams; see [`Binance::backfill`](crate::Binance::backfill).
///
/// * Trades (`@trade`) and aggregate trades (`@aggTrade`) are fetched by id. The record does not say when an event was sent:
///   [`spot::TradeEvent::event_time`] of a fetched trade is the time of the trade.
/// * Of candles (`@kline_…`) the final states are fetched; the ids of their trades are not in the record.
///
/// Streams of other kinds have no record: their gaps are reported and stay.
#[derive(Debug, Clone)]
pub struct RestBackfill {
    /// Sends the queries.
    rest: RestClient,
    /// Number of pages for one gap at most.
    max_pages: u32,
}

impl RestBackfill {
    /// Fetches with this client, at most 20 pages of 1,000 rows for one gap.
    pub fn new(rest: RestClient) -> Self {
        Self { rest, max_pages: 20 }
    }

    /// How many pages of 1,000 rows are fetched for one gap at most. What is beyond is reported as missing.
    #[must_use]
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = pages.max(1);
        self
    }

    /// Sends a query, again if need be: just after a connection was lost, the next one may fail as well.
    async fn query<R>(&self, request: R) -> Result<R::Response, Error>
    where
        R: binance_kit_core::RestRequest + Clone + Send,
        R::Response: Send,
    {
        let mut attempt = 0;
        loop {
            match self.rest.send(request.clone()).await {
                Err(error) if attempt < RETRIES && error.is_transient() => {
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

    async fn fetch_events<M: FromRecord>(self, missing: Missing) -> Option<Fetched<M>> {
        let record = missing.stream.record.clone()?;
        let symbol = Symbol::new(&missing.stream.name.symbol()?.to_uppercase());
        let mut events = Vec::new();
        let mut is_complete = false;
        let mut from = missing.from;
        let (mut pages, mut late) = (0, 0);
        while pages < self.max_pages {
            let page = match self.page(&record, &symbol, from, missing.to).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, stream = %missing.stream, "a gap could not be filled");
                    break;
                }
            };
            let Some((last, rows)) = page else {
                // A symbol can be without candles for a while. Ids have no holes: the record is behind the streams.
                is_complete = matches!(record, Record::Klines { .. });
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

    /// The rows from a position on, and the last position they cover; `None` when there are none up to the end.
    async fn page<M: FromRecord>(
        &self,
        record: &Record,
        symbol: &Symbol,
        from: Position,
        to: Position,
    ) -> Result<Option<(Position, Vec<Decoded<M>>)>, Error> {
        match (record, from, to) {
            (Record::Trades, Position::Id(from), Position::Id(to)) => {
                let request = spot::market::HistoricalTrades::new(symbol.clone())
                    .from_id(from.into())
                    .limit(limit(from, to));
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Id(row.trade_id.get()));
                let rows = rows.iter().map(|row| spot::TradeEvent::of_record(symbol, row));
                Ok(last.map(|last| (last, rows.filter_map(M::trade).collect())))
            }
            (Record::AggTrades, Position::Id(from), Position::Id(to)) => {
                let request =
                    spot::AggTrades::new(symbol.clone()).from_id(from.into()).limit(limit(from, to));
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Id(row.agg_trade_id.get()));
                let rows = rows.iter().map(|row| spot::AggTradeEvent::of_record(symbol, row));
                Ok(last.map(|last| (last, rows.filter_map(M::agg_trade).collect())))
            }
            (Record::Klines { interval, time_zone }, Position::Time(from), Position::Time(to)) => {
                let interval = crate::common::KlineInterval::from(interval.as_str());
                let mut request = spot::Klines::new(symbol.clone(), interval.clone())
                    .start_time(from)
                    .end_time(to)
                    .limit(PAGE);
                if let Some(zone) = time_zone {
                    request = request.time_zone(zone.as_str());
                }
                let rows = self.query(request).await?;
                let last = rows.last().map(|row| Position::Time(row.close_time));
                let rows = rows
                    .iter()
                    // The open candle is delivered by the stream.
                    .filter(|row| row.close_time <= to)
                    .map(|row| spot::KlineEvent::of_record(symbol, &interval, row));
                Ok(last.map(|last| (last, rows.filter_map(M::kline).collect())))
            }
            _ => Ok(None),
        }
    }
}

fn limit(from: u64, to: u64) -> u32 {
    u32::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(PAGE).clamp(1, PAGE)
}

/// A type of events that can be made from rows of the record.
trait FromRecord: Sized + Send + 'static {
    fn trade(_: spot::TradeEvent) -> Option<Decoded<Self>> {
        None
    }

    fn agg_trade(_: spot::AggTradeEvent) -> Option<Decoded<Self>> {
        None
    }

    fn kline(_: spot::KlineEvent) -> Option<Decoded<Self>> {
        None
    }
}

/// One kind of event: streams of that kind are filled.
macro_rules! one_kind {
    ($event:ident, $method:ident, $record:pat) => {
        impl FromRecord for spot::$event {
            fn $method(event: spot::$event) -> Option<Decoded<Self>> {
                Some(Decoded::of(event))
            }
        }

        impl Backfill<spot::$event> for RestBackfill {
            fn can_fetch(&self, stream: &StreamInfo) -> bool {
                stream.api == Api::Spot && matches!(stream.record, Some($record))
            }

            fn fetch(&self, missing: Missing) -> Fetching<spot::$event> {
                Box::pin(self.clone().fetch_events(missing))
            }
        }
    };
}

one_kind!(TradeEvent, trade, Record::Trades);
one_kind!(AggTradeEvent, agg_trade, Record::AggTrades);
one_kind!(KlineEvent, kline, Record::Klines { .. });

/// A sum of event types: all streams with a record are filled.
macro_rules! all_kinds {
    ($event:ty) => {
        impl FromRecord for $event {
            fn trade(event: spot::TradeEvent) -> Option<Decoded<Self>> {
                Some(Decoded::of(event))
            }

            fn agg_trade(event: spot::AggTradeEvent) -> Option<Decoded<Self>> {
                Some(Decoded::of(event))
            }

            fn kline(event: spot::KlineEvent) -> Option<Decoded<Self>> {
                Some(Decoded::of(event))
            }
        }

        impl Backfill<$event> for RestBackfill {
            fn can_fetch(&self, stream: &StreamInfo) -> bool {
                stream.api == Api::Spot && stream.record.is_some()
            }

            fn fetch(&self, missing: Missing) -> Fetching<$event> {
                Box::pin(self.clone().fetch_events(missing))
            }
        }
    };
}

all_kinds!(spot::MarketEvent);
all_kinds!(MarketEvent);
