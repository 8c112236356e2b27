//! Streams as values: a [`Topic`] knows its name, its host, how often it has something to say, and the type of its events.
//!
//! ```
//! # use binance_kit_core::{Api, RawEvent, Topic};
//! // The model crate has a function for each stream; a name that it does not know is given with its event type.
//! let topic = Topic::<RawEvent>::raw(Api::Spot, "btcusdt@trade");
//! assert_eq!(topic.info().unwrap().name.as_str(), "btcusdt@trade");
//! ```
//!
//! A list of topics with one event type is subscribed as it is. A list of several types becomes one of [`MixedTopic`]s: each
//! topic keeps its own decoder, and the events are converted with `From` into the type of the list.

use crate::decode::{DecodeError, EventFrame, FastReader};
use crate::event::{InvalidStreamName, StreamEvent, StreamName};
use crate::list::UnreadableElement;
use crate::product::Api;
use crate::sbe::Message;
use crate::sequence::Sequence;
use crate::time::Timestamp;
use smol_str::SmolStr;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// The part of a product's stream host on which a stream is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Route {
    /// The host itself: products whose streams are not spread over routes, such as Spot.
    #[default]
    Root,
    /// `/public`: books and best prices.
    Public,
    /// `/market`: trades, candles, tickers, mark prices.
    Market,
    /// `/private`: the account's events.
    Private,
}

impl Route {
    /// The path of the route, empty for [`Route::Root`].
    pub const fn path(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Public => "/public",
            Self::Market => "/market",
            Self::Private => "/private",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Public => "public",
            Self::Market => "market",
            Self::Private => "private",
        })
    }
}

/// The public record from which the missed events of a stream can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Record {
    /// Trades, by id.
    Trades,
    /// Aggregate trades, by id.
    AggTrades,
    /// Candles, by time.
    Klines {
        /// The interval as on the wire (`1m`).
        interval: SmolStr,
        /// The time zone in which the candles begin, where it is not UTC (`8`).
        time_zone: Option<SmolStr>,
    },
}

/// All that is known of a stream but the type of its events.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StreamInfo {
    /// The name.
    pub name: StreamName,
    /// The product whose host serves it.
    pub api: Api,
    /// The part of that host.
    pub route: Route,
    /// How often the documents say that it has something to say; `None` for streams of what happens at any time.
    pub cadence: Option<Duration>,
    /// Where its missed events can be fetched.
    pub record: Option<Record>,
}

impl StreamInfo {
    /// A stream of which only name and product are known.
    pub fn new(api: Api, name: StreamName) -> Self {
        Self { name, api, route: Route::Root, cadence: None, record: None }
    }
}

impl fmt::Display for StreamInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.api)
    }
}

/// A stream whose events are `E`. Functions of the model make them: `spot::stream::trade("BTCUSDT")`.
///
/// The name is checked when it is subscribed, or earlier by [`Topic::info`].
pub struct Topic<E> {
    info: Result<StreamInfo, InvalidStreamName>,
    event: PhantomData<fn() -> E>,
}

impl<E> Topic<E> {
    /// A stream by its name as on the wire, typed by the caller's word: what it delivers must be readable as `E`. For products
    /// with routes, say which with [`Topic::on`].
    pub fn raw(api: Api, name: impl AsRef<str>) -> Self {
        let info = StreamName::new(name.as_ref()).map(|name| StreamInfo::new(api, name));
        Self { info, event: PhantomData }
    }

    /// The same on this route of the product's host.
    #[must_use]
    pub fn on(self, route: Route) -> Self {
        self.with(|info| info.route = route)
    }

    /// The same with a documented cadence: the watchdog expects an event about so often.
    #[must_use]
    pub fn cadence(self, cadence: Duration) -> Self {
        self.with(|info| info.cadence = Some(cadence))
    }

    /// The same with the record from which its gaps can be filled.
    #[must_use]
    pub fn record(self, record: Record) -> Self {
        self.with(|info| info.record = Some(record))
    }

    fn with(mut self, change: impl FnOnce(&mut StreamInfo)) -> Self {
        if let Ok(info) = &mut self.info {
            change(info);
        }
        self
    }

    /// What is known of the stream.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn info(&self) -> Result<&StreamInfo, &InvalidStreamName> {
        self.info.as_ref()
    }
}

impl<E> Clone for Topic<E> {
    fn clone(&self) -> Self {
        Self { info: self.info.clone(), event: PhantomData }
    }
}

impl<E> fmt::Debug for Topic<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "Topic", &self.info)
    }
}

fn debug(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    info: &Result<StreamInfo, InvalidStreamName>,
) -> fmt::Result {
    match info {
        Ok(info) => write!(f, "{name}({info})"),
        Err(error) => write!(f, "{name}({error})"),
    }
}

/// An event, with what was read from it before it was converted into the type of a mixed list.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<M> {
    /// The event.
    pub event: M,
    /// When the exchange says that it happened.
    pub time: Option<Timestamp>,
    /// Where it stands in its stream.
    pub sequence: Option<Sequence>,
    /// The elements of its lists that could not be read.
    pub unreadable: Vec<UnreadableElement>,
    /// What it holds outside of itself, in bytes; see [`StreamEvent::heap_size`].
    pub heap: Option<usize>,
}

impl<M> Decoded<M> {
    /// Reads time and place of an event.
    pub fn of<E: StreamEvent>(event: E) -> Self
    where
        M: From<E>,
    {
        let (time, sequence, heap) = (event.event_time(), event.sequence(), event.heap_size());
        Self { event: M::from(event), time, sequence, unreadable: Vec::new(), heap }
    }

    /// As [`Decoded::of`], with the unreadable elements of its lists; the fast paths leave none.
    fn with_unreadable<E: StreamEvent>(event: E) -> Self
    where
        M: From<E>,
    {
        let mut unreadable = Vec::new();
        event.each_unreadable(&mut |element| unreadable.push(element.clone()));
        Self { unreadable, ..Self::of(event) }
    }
}

/// Reads the events of an SBE message and hands each to a function.
type DecodeSbe<M> = fn(&Message<'_>, &mut dyn FnMut(Decoded<M>)) -> Result<bool, DecodeError>;

/// How the frames of one stream become events of the type `M`: the functions of its own event type, and the conversion.
pub struct Codec<M> {
    /// From a parsed frame.
    decode: fn(EventFrame<'_>) -> Result<Decoded<M>, DecodeError>,
    /// From a text whose keys come in the documented order.
    in_order: fn(&mut FastReader<'_>, Option<&str>) -> Option<Decoded<M>>,
    /// From SBE.
    sbe: DecodeSbe<M>,
}

impl<M> Codec<M> {
    /// The functions of `E`.
    pub fn of<E: StreamEvent>() -> Self
    where
        M: From<E>,
    {
        Self {
            decode: |frame| E::decode_event(frame).map(Decoded::with_unreadable),
            in_order: |input, stream| E::decode_in_order(input, stream).map(Decoded::of),
            sbe: |message, each| E::decode_sbe(message, &mut |event| each(Decoded::of(event))),
        }
    }

    /// Reads an event from a parsed frame.
    ///
    /// # Errors
    ///
    /// As [`StreamEvent::decode_event`].
    pub fn decode(&self, frame: EventFrame<'_>) -> Result<Decoded<M>, DecodeError> {
        (self.decode)(frame)
    }

    /// Reads an event whose keys come in the documented order; as [`StreamEvent::decode_in_order`].
    #[inline]
    pub fn decode_in_order(&self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Decoded<M>> {
        (self.in_order)(input, stream)
    }

    /// Reads the events of an SBE message; as [`StreamEvent::decode_sbe`].
    ///
    /// # Errors
    ///
    /// As [`StreamEvent::decode_sbe`].
    pub fn decode_sbe(
        &self,
        message: &Message<'_>,
        each: &mut dyn FnMut(Decoded<M>),
    ) -> Result<bool, DecodeError> {
        (self.sbe)(message, each)
    }
}

impl<M> Clone for Codec<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Codec<M> {}

impl<M> fmt::Debug for Codec<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec").finish_non_exhaustive()
    }
}

/// A stream in a list of several event types, whose events come as `M`: a sum of them that has a `From` for each, such as the
/// `MarketEvent` of a product or one of the program's own.
pub struct MixedTopic<M> {
    info: Result<StreamInfo, InvalidStreamName>,
    codec: Codec<M>,
}

impl<M> MixedTopic<M> {
    /// What is known of the stream.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn info(&self) -> Result<&StreamInfo, &InvalidStreamName> {
        self.info.as_ref()
    }

    /// What is known of the stream, and how its frames are read.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn into_parts(self) -> Result<(StreamInfo, Codec<M>), InvalidStreamName> {
        Ok((self.info?, self.codec))
    }
}

impl<E: StreamEvent, M: From<E>> From<Topic<E>> for MixedTopic<M> {
    fn from(topic: Topic<E>) -> Self {
        Self { info: topic.info, codec: Codec::of::<E>() }
    }
}

impl<M> Clone for MixedTopic<M> {
    fn clone(&self) -> Self {
        Self { info: self.info.clone(), codec: self.codec }
    }
}

impl<M> fmt::Debug for MixedTopic<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "MixedTopic", &self.info)
    }
}

/// What can be subscribed: a [`Topic`], whose events come as they are, or a [`MixedTopic`].
pub trait IntoTopic {
    /// The events.
    type Event: Send + 'static;

    /// The stream with its decoder.
    fn into_topic(self) -> MixedTopic<Self::Event>;
}

impl<E: StreamEvent> IntoTopic for Topic<E> {
    type Event = E;

    fn into_topic(self) -> MixedTopic<E> {
        self.into()
    }
}

impl<M: Send + 'static> IntoTopic for MixedTopic<M> {
    type Event = M;

    fn into_topic(self) -> Self {
        self
    }
}

impl<T: IntoTopic + Clone> IntoTopic for &T {
    type Event = T::Event;

    fn into_topic(self) -> MixedTopic<T::Event> {
        self.clone().into_topic()
    }
}

/// An event of any kind as JSON text, for streams that the SDK has no type for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// The JSON of the event, without the wrapper of a combined connection.
    pub json: String,
}

impl StreamEvent for RawEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Ok(Self { json: frame.data.to_json() })
    }

    fn heap_size(&self) -> Option<usize> {
        Some(self.json.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoder, Frame};

    #[derive(Debug, PartialEq)]
    struct Id(u64);

    impl StreamEvent for Id {
        fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
            let id = frame.data.get("t").ok_or_else(|| DecodeError::missing("t"))?;
            Ok(Self(id.as_u64()?))
        }

        fn sequence(&self) -> Option<Sequence> {
            Some(Sequence::Id(self.0))
        }
    }

    #[derive(Debug, PartialEq)]
    enum Sum {
        Id(Id),
        Raw(RawEvent),
    }

    impl From<Id> for Sum {
        fn from(id: Id) -> Self {
            Self::Id(id)
        }
    }

    impl From<RawEvent> for Sum {
        fn from(raw: RawEvent) -> Self {
            Self::Raw(raw)
        }
    }

    fn read(codec: Codec<Sum>, text: &str) -> Result<Decoded<Sum>, DecodeError> {
        Decoder::new().frame(text.as_bytes(), |frame| match frame {
            Frame::Event(event) => codec.decode(event),
            Frame::Response(_) => Err(DecodeError::missing("event")),
        })
    }

    #[test]
    fn each_topic_of_a_mixed_list_keeps_its_own_decoder() {
        let topics: [MixedTopic<Sum>; 2] = [
            Topic::<Id>::raw(Api::Spot, "btcusdt@trade").into(),
            Topic::<RawEvent>::raw(Api::UsdmFutures, "btcusdt@markPrice").on(Route::Market).into(),
        ];
        let text = r#"{"e":"x","t":7}"#;
        let [(first, id), (second, raw)] = topics.map(|topic| topic.into_parts().unwrap());
        assert_eq!((first.api, first.route), (Api::Spot, Route::Root));
        assert_eq!((second.api, second.route), (Api::UsdmFutures, Route::Market));
        let decoded = read(id, text).unwrap();
        assert_eq!((decoded.event, decoded.sequence), (Sum::Id(Id(7)), Some(Sequence::Id(7))));
        assert_eq!(read(raw, text).unwrap().event, Sum::Raw(RawEvent { json: text.to_owned() }));
        assert!(read(id, r#"{"e":"bookTicker"}"#).is_err(), "another event is no event of this topic");
    }

    #[test]
    fn a_name_that_is_none_is_found_when_it_is_used() {
        let topic = Topic::<Id>::raw(Api::Spot, "BTCUSDT@trade").cadence(Duration::from_secs(1));
        assert!(topic.info().is_err());
        assert!(topic.clone().into_topic().into_parts().is_err());
        assert!(format!("{topic:?}").contains("lower case"));
    }
}
