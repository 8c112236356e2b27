//! Misuse across products and event types does not compile. Each example that must fail stands beside one that differs from it in
//! the misuse alone and compiles, so that it fails for its own reason.

/// The request of a product goes to the WebSocket API of that product:
///
/// ```no_run
/// use binance_kit::core::product::Usdm;
/// use binance_kit::{Binance, usdm};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let ws_api = binance.ws_api_of::<Usdm>().await?;
///     ws_api.send(usdm::Depth::new("BTCUSDT")).await?;
///     Ok(())
/// }
/// ```
///
/// and to no other:
///
/// ```compile_fail
/// use binance_kit::core::product::Spot;
/// use binance_kit::{Binance, usdm};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let ws_api = binance.ws_api_of::<Spot>().await?;
///     ws_api.send(usdm::Depth::new("BTCUSDT")).await?;
///     Ok(())
/// }
/// ```
struct RequestsOfOtherProducts;

/// A topic gives the events of its product:
///
/// ```no_run
/// use binance_kit::stream::EventStream;
/// use binance_kit::{Binance, usdm};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let _trades: EventStream<usdm::TradeEvent> =
///         binance.subscribe([usdm::stream::trade("BTCUSDT")]).await?;
///     Ok(())
/// }
/// ```
///
/// and not those of another:
///
/// ```compile_fail
/// use binance_kit::stream::EventStream;
/// use binance_kit::{Binance, spot, usdm};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let _trades: EventStream<spot::TradeEvent> =
///         binance.subscribe([usdm::stream::trade("BTCUSDT")]).await?;
///     Ok(())
/// }
/// ```
struct TopicsOfOtherProducts;

/// A topic gives the events of its kind:
///
/// ```no_run
/// use binance_kit::stream::EventStream;
/// use binance_kit::{Binance, spot};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let _tickers: EventStream<spot::BookTickerEvent> =
///         binance.subscribe([spot::stream::book_ticker("BTCUSDT")]).await?;
///     Ok(())
/// }
/// ```
///
/// and not those of another:
///
/// ```compile_fail
/// use binance_kit::stream::EventStream;
/// use binance_kit::{Binance, spot};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let _trades: EventStream<spot::TradeEvent> =
///         binance.subscribe([spot::stream::book_ticker("BTCUSDT")]).await?;
///     Ok(())
/// }
/// ```
struct TopicsOfOtherKinds;

/// A topic goes into a mixed list whose type has a place for its events:
///
/// ```no_run
/// use binance_kit::{MixedTopic, spot};
///
/// let _topics: [MixedTopic<spot::MarketEvent>; 2] =
///     [spot::stream::trade("BTCUSDT").into(), spot::stream::book_ticker("BTCUSDT").into()];
/// ```
///
/// and into no other:
///
/// ```compile_fail
/// use binance_kit::{MixedTopic, spot, usdm};
///
/// let _topics: [MixedTopic<spot::MarketEvent>; 2] =
///     [spot::stream::trade("BTCUSDT").into(), usdm::stream::book_ticker("BTCUSDT").into()];
/// ```
struct MixedListsWithoutAPlace;

/// A raw name needs its product and the type of its events:
///
/// ```no_run
/// use binance_kit::{Api, Binance, Topic, spot};
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     let topic = Topic::<spot::TradeEvent>::raw(Api::Spot, "btcusdt@trade");
///     binance.subscribe([topic]).await?;
///     Ok(())
/// }
/// ```
///
/// so that a text alone is no topic:
///
/// ```compile_fail
/// use binance_kit::Binance;
///
/// async fn run(binance: Binance) -> binance_kit::Result {
///     binance.subscribe(["btcusdt@trade"]).await?;
///     Ok(())
/// }
/// ```
struct RawNamesWithoutAType;
