"""The exchange's own Python connector (binance-sdk-spot) against the embedded exchange: every request of REST and of the
WebSocket API that it has, every stream, user data both ways, and errors as its own types."""

import asyncio
import inspect
import time
from decimal import Decimal

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.constants import TimeUnit
from binance_common.errors import BadRequestError, NotFoundError, RateLimitBanError, TooManyRequestsError, UnauthorizedError
from binance_sdk_spot.rest_api.rest_api import SpotRestAPI
from binance_sdk_spot.spot import Spot
from binance_sdk_spot.websocket_api.websocket_api import SpotWebSocketAPI
from binance_sdk_spot.websocket_streams.websocket_streams import SpotWebSocketStreams
from harness import Cases, Exchange, equal, holds, in_thread, main, raises_now

cases = Cases("official connector")
case = cases.case

SYMBOL, CHINESE = "BTCUSDT", "币安人生USDT"


def rest_client(exchange, api_key=None, **options):
    configuration = ConfigurationRestAPI(api_key=api_key, base_path=exchange.rest, retries=0, timeout=5000, **options)
    return Spot(config_rest_api=configuration).rest_api


def ws_client(exchange, api_key=None, **options):
    configuration = ConfigurationWebSocketAPI(api_key=api_key, stream_url=exchange.ws_api, **options)
    return Spot(config_ws_api=configuration).websocket_api


class World:
    def __init__(self, exchange):
        self.exchange = exchange
        keys = exchange.alice
        self.rest = rest_client(exchange, keys.hmac_key, api_secret=keys.hmac_secret)

    def far(self, part="0.9"):
        """A price that does not trade soon, below the last one or above."""
        price = Decimal(data(self.rest.ticker_price(symbol=SYMBOL))["price"])
        return float((price * Decimal(part)).quantize(Decimal("0.01")))


def data(response):
    """The answer as plain values, after the connector's own model has read it; in the WebSocket API, its result."""
    value = plain(response.data())
    if isinstance(value, dict) and "error" in value:
        raise AssertionError(value["error"])
    return value["result"] if isinstance(value, dict) and {"id", "status", "result"} <= set(value) else value


def plain(value):
    """The connector's models, some of which are one of several, as plain values with the names of the wire, and with what
    the connector read but has no name for."""
    if hasattr(value, "actual_instance"):
        instance = plain(value.actual_instance)
        return {"kind": type(value.actual_instance).__name__, **instance} if isinstance(instance, dict) else instance
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(by_alias=True, exclude_none=True))
    if isinstance(value, dict):
        known = {name: plain(one) for name, one in value.items() if name != "additional_properties"}
        return {**known, **plain(value.get("additional_properties", {}))} if value else {}
    return [plain(one) for one in value] if isinstance(value, list) else value


async def settled(response):
    return data(await response if inspect.isawaitable(response) else response)


async def everything(world, client, names):
    """Calls each request once; returns what was called. `names` are those of the WebSocket API where they differ."""
    called, below, above = [], world.far(), world.far("1.1")

    async def call(name, **parameters):
        name = names.get(name, name)
        called.append(name)
        try:
            return await settled(getattr(client, name)(**parameters))
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error

    one = {"symbol": SYMBOL}
    await call("ping")
    holds((await call("time"))["serverTime"] > 10**12)
    info = await call("exchange_info", **one)
    equal(info["symbols"][0]["symbol"], SYMBOL)
    rules = await call("execution_rules", **one)
    equal(rules["symbolRules"][0]["rules"][0]["ruleType"], "PRICE_RANGE")
    holds((await call("depth", **one, limit=5))["bids"])
    trades = await call("get_trades", **one, limit=5)
    equal(len(trades), 5)
    equal(await call("historical_trades", **one, limit=5, from_id=trades[0]["id"]), trades)
    await call("historical_block_trades", **one, from_id=0)
    holds(await call("agg_trades", **one))
    equal(len((await call("klines", **one, interval="1m"))[0]), 12)
    equal(len((await call("ui_klines", **one, interval="1m"))[0]), 12)
    holds(Decimal((await call("avg_price", **one))["price"]) > 0)
    for name in ("ticker24hr", "ticker_trading_day", "ticker_price", "ticker_book_ticker", "ticker"):
        equal((await call(name, **one))["symbol"], SYMBOL)
        equal([row["symbol"] for row in await call(name, symbols=[SYMBOL, "ETHUSDT"])], [SYMBOL, "ETHUSDT"])
    holds(Decimal((await call("reference_price", **one))["referencePrice"]) > 0)
    equal((await call("reference_price_calculation", **one))["calculationType"], "ARITHMETIC_MEAN")

    limit = {**one, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01, "price": below}
    await call("order_test", **one, side="BUY", type="MARKET", quantity=0.01)
    bought = await call("new_order", **one, side="BUY", type="MARKET", quantity=0.01)
    equal(bought["status"], "FILLED")
    order = await call("new_order", **limit)
    equal((await call("get_order", **one, order_id=order["orderId"]))["status"], "NEW")
    holds(order["orderId"] in [row["orderId"] for row in await call("get_open_orders", **one)])
    amended = await call("order_amend_keep_priority", **one, order_id=order["orderId"], new_qty=0.005)
    equal(Decimal(amended["amendedOrder"]["qty"]), Decimal("0.005"))
    equal(len(await call("order_amendments", **one, order_id=order["orderId"])), 1)
    replaced = await call("order_cancel_replace", **limit, cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=order["orderId"])
    equal((replaced["cancelResult"], replaced["newOrderResult"]), ("SUCCESS", "SUCCESS"))
    new = replaced["newOrderResponse"]["orderId"]
    equal((await call("delete_order", **one, order_id=new))["status"], "CANCELED")
    holds(await call("all_orders", **one))
    mine = await call("my_trades", **one, order_id=bought["orderId"])
    equal([row["id"] for row in mine], [fill["tradeId"] for fill in bought["fills"]])

    old = await call("order_oco", **one, side="SELL", quantity=0.01, price=above, stop_price=below)
    equal((await call("get_order_list", order_list_id=old["orderListId"]))["contingencyType"], "OCO")
    equal((await call("delete_order_list", **one, order_list_id=old["orderListId"]))["listOrderStatus"], "ALL_DONE")
    await call("order_list_oco", **one, side="SELL", quantity=0.01, above_type="LIMIT_MAKER", above_price=above,
               below_type="STOP_LOSS", below_stop_price=below)
    working = {**one, "working_type": "LIMIT", "working_side": "BUY", "working_price": below, "working_quantity": 0.01,
               "working_time_in_force": "GTC"}
    pending = {"pending_type": "LIMIT", "pending_side": "SELL", "pending_price": above, "pending_time_in_force": "GTC"}
    pair = {"pending_side": "SELL", "pending_above_type": "LIMIT_MAKER", "pending_above_price": above,
            "pending_below_type": "STOP_LOSS", "pending_below_stop_price": world.far("0.8")}
    await call("order_list_oto", **working, **pending, pending_quantity=0.01)
    await call("order_list_otoco", **working, **pair, pending_quantity=0.01)
    await call("order_list_opo", **working, **pending)
    await call("order_list_opoco", **working, **pair)
    equal(len(await call("open_order_list")), 5)
    holds(len(await call("all_order_list")) >= 6)
    holds(len(await call("delete_open_orders", **one)) >= 5)
    sor = {"side": "BUY", "quantity": 0.01, "type": "LIMIT", "time_in_force": "GTC", "price": above}
    await call("sor_order_test", **one, **sor)
    await call("sor_order", **one, **sor)
    await call("my_allocations", **one)
    await call("my_prevented_matches", **one, order_id=bought["orderId"])

    holds({"BTC", "USDT"} <= {row["asset"] for row in (await call("get_account"))["balances"]})
    equal(len(await call("rate_limit_order")), 2)
    equal((await call("account_commission", **one))["standardCommission"]["taker"], "0.00100000")
    # The connector's model of the WebSocket API has no room for the result of this one.
    holds({"symbolFilters", "rateLimits"} & set(await call("my_filters", **one)))
    return set(called)


def offered(client_class, *besides):
    """The requests that a client offers."""
    methods = inspect.getmembers(client_class, inspect.isfunction)
    return {name for name, _ in methods if not name.startswith("_")} - set(besides)


@case("rest: every request", limit=60)
async def _(world):
    called = await everything(world, world.rest, {})
    equal(called, offered(SpotRestAPI, "send_request", "send_signed_request"))


@case(
    "rest: raw requests",
    listed="send_request and send_signed_request of this version index a function and cannot be called",
    shows="not subscriptable",
)
def _(world):
    equal(world.rest.send_request("/api/v3/ticker/price", "GET", {"symbol": CHINESE}).data()["symbol"], CHINESE)


@case("rest: symbols outside ASCII")
def _(world):
    equal(data(world.rest.ticker_price(symbol=CHINESE))["symbol"], CHINESE)
    equal(data(world.rest.new_order(symbol=CHINESE, side="BUY", type="MARKET", quantity=100))["symbol"], CHINESE)


@case("rest: rate limits are read from the headers")
def _(world):
    response = world.rest.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.001)
    limits = {(one.rateLimitType, one.interval, one.intervalNum): one.count for one in response.rate_limits}
    holds(limits[("REQUEST_WEIGHT", "MINUTE", 1)] > 0, limits)
    holds({("ORDERS", "SECOND", 10), ("ORDERS", "DAY", 1)} <= set(limits), limits)


@case("rest: microseconds")
def _(world):
    rest = rest_client(world.exchange, time_unit=TimeUnit.MICROSECOND.value)
    holds(data(rest.time())["serverTime"] > 10**15)


@case("rest: errors of each type")
def _(world):
    rest, exchange = world.rest, world.exchange
    raises_now(BadRequestError, lambda: rest.depth(symbol="NONE"), status_code=-1121, error_message="Invalid symbol.")
    raises_now(BadRequestError, lambda: rest.get_order(symbol=SYMBOL, order_id=999_999_999), status_code=-2013)
    raises_now(
        BadRequestError,
        lambda: rest.new_order(symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=1.234),
        status_code=-1013, error_message="Filter failure: PRICE_FILTER",
    )
    raises_now(
        BadRequestError,
        lambda: rest.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=100),
        status_code=-2010, error_message="Account has insufficient balance for requested action.",
    )
    raises_now(UnauthorizedError, rest_client(exchange, "A" * 64, api_secret="x").get_account, status_code=-2015)
    wrong = rest_client(exchange, exchange.alice.hmac_key, api_secret="x")
    raises_now(BadRequestError, wrong.get_account, status_code=-1022)
    reader = rest_client(exchange, exchange.reader.hmac_key, api_secret=exchange.reader.hmac_secret)
    raises_now(UnauthorizedError, lambda: reader.delete_open_orders(symbol=SYMBOL), status_code=-2015)
    lost = ConfigurationRestAPI(base_path=exchange.rest + "/nowhere", retries=0)
    raises_now(NotFoundError, Spot(config_rest_api=lost).rest_api.ping)


@case("rest: 429 and 418")
def _(world):
    with Exchange() as exchange:
        rest = rest_client(exchange)
        for _ in range(24):
            rest.depth(symbol=SYMBOL, limit=5000)
        error = raises_now(TooManyRequestsError, lambda: rest.depth(symbol=SYMBOL, limit=5000), status_code=-1003)
        holds(1 <= error.retry_after <= 60, error.retry_after)
        for _ in range(20):
            try:
                rest.ping()
            except TooManyRequestsError:
                continue
            except RateLimitBanError as banned:
                holds(60 < banned.retry_after <= 120, banned.retry_after)
                return
        raise AssertionError("never banned")


@case("keys: Ed25519 and RSA")
def _(world):
    keys = world.exchange.alice
    for api_key, private in ((keys.ed25519_key, keys.ed25519_private), (keys.rsa_key, keys.rsa_private)):
        rest = rest_client(world.exchange, api_key, private_key=private)
        order = data(rest.new_order(symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=world.far()))
        equal(data(rest.delete_order(symbol=SYMBOL, order_id=order["orderId"]))["status"], "CANCELED")


# The names of the WebSocket API where they are not those of REST.
WS_NAMES = {
    "get_trades": "trades_recent",
    "historical_trades": "trades_historical",
    "historical_block_trades": "block_trades_historical",
    "agg_trades": "trades_aggregate",
    "ticker_book_ticker": "ticker_book",
    "new_order": "order_place",
    "get_order": "order_status",
    "get_open_orders": "open_orders_status",
    "delete_order": "order_cancel",
    "delete_open_orders": "open_orders_cancel_all",
    "order_oco": "order_list_place",
    "order_list_oco": "order_list_place_oco",
    "order_list_oto": "order_list_place_oto",
    "order_list_otoco": "order_list_place_otoco",
    "order_list_opo": "order_list_place_opo",
    "order_list_opoco": "order_list_place_opoco",
    "get_order_list": "order_list_status",
    "delete_order_list": "order_list_cancel",
    "open_order_list": "open_order_lists_status",
    "all_order_list": "all_order_lists",
    "sor_order": "sor_order_place",
    "get_account": "account_status",
    "rate_limit_order": "account_rate_limits_orders",
}
# The connector's WebSocket API has no call for it.
WITHOUT = {"account_commission"}


@case("ws: every request", limit=60)
async def _(world):
    keys = world.exchange.alice
    client = ws_client(world.exchange, keys.hmac_key, api_secret=keys.hmac_secret)
    await client.create_connection()
    try:
        names = {**WS_NAMES}
        if not hasattr(client, "account_commission"):
            client.account_commission = world.rest.account_commission
        called = await everything(world, client, names)
        besides = {"session_logon", "session_status", "session_logout", "session_subscriptions", "user_data_stream_subscribe",
                   "user_data_stream_subscribe_signature", "user_data_stream_unsubscribe"}
        base = set(dir(SpotWebSocketAPI.__mro__[1])) | {"ping_server"}
        equal(called - WITHOUT, offered(SpotWebSocketAPI, *besides, *(base - {"ping"})) - WITHOUT)
    finally:
        await client.close_connection()


@case("ws: errors have their codes")
async def _(world):
    client = ws_client(world.exchange)
    await client.create_connection()
    try:
        refused = (await client.depth(symbol="NONE")).data()
        equal(refused, {"error": {"code": -1121, "msg": "Invalid symbol."}})
    finally:
        await client.close_connection()


async def user_data(world, client, subscribe):
    """Places, fills and cancels, and compares with what the user-data stream tells."""
    seen = asyncio.Queue()
    subscription = await subscribe()
    subscription.stream.on("message", lambda event: seen.put_nowait(plain(event)))
    limit = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01, "price": world.far()}
    order = data(await in_thread(lambda: world.rest.new_order(**limit)))
    await in_thread(lambda: world.rest.delete_order(symbol=SYMBOL, order_id=order["orderId"]))
    filled = data(await in_thread(lambda: world.rest.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01)))
    reports, positions = [], []
    async with asyncio.timeout(10):
        while not reports or reports[-1]["X"] != "FILLED":
            event = await seen.get()
            (reports if event["kind"] == "ExecutionReport" else positions).append(event)
    equal([one["x"] for one in reports[:3]], ["NEW", "CANCELED", "NEW"])
    fills = [(one["t"], one["L"], one["l"]) for one in reports if one["x"] == "TRADE"]
    equal(fills, [(one["tradeId"], one["price"], one["qty"]) for one in filled["fills"]])
    equal({one["kind"] for one in positions}, {"OutboundAccountPosition"})
    return subscription


@case("ws: logon, and user data by it")
async def _(world):
    keys = world.exchange.alice
    client = ws_client(world.exchange, keys.ed25519_key, private_key=keys.ed25519_private)
    await client.create_connection()
    try:
        equal(data(await client.session_logon())["apiKey"], keys.ed25519_key)
        holds("apiKey" in data(await client.session_status()))
        # Without a signature, by the session.
        holds(data(await client.account_status())["balances"])
        subscription = await user_data(world, client, client.user_data_stream_subscribe)
        equal(data(subscription.response), {"subscriptionId": 0})
        equal(data(await client.session_subscriptions()), [{"subscriptionId": 0}])
        equal(data(await client.user_data_stream_unsubscribe(subscription_id=0)), {})
        equal(data(await client.session_subscriptions()), [])
        holds("apiKey" not in data(await client.session_logout()))
    finally:
        await client.close_connection()


@case("ws: user data by signature")
async def _(world):
    keys = world.exchange.alice
    client = ws_client(world.exchange, keys.hmac_key, api_secret=keys.hmac_secret)
    await client.create_connection()
    try:
        await user_data(world, client, client.user_data_stream_subscribe_signature)
    finally:
        await client.close_connection()


@case("streams: every stream", limit=60)
async def _(world):
    configuration = ConfigurationWebSocketStreams(stream_url=world.exchange.stream + "/stream", reconnect_delay=100)
    client = Spot(config_ws_streams=configuration).websocket_streams
    await client.create_connection()
    lower = SYMBOL.lower()
    wanted = {
        "agg_trade": {"symbol": lower},
        "trade": {"symbol": lower},
        "kline": {"symbol": lower, "interval": "1s"},
        "kline_offset": {"symbol": lower, "interval": "1d"},
        "mini_ticker": {"symbol": lower},
        "all_mini_ticker": {},
        "ticker": {"symbol": lower},
        "rolling_window_ticker": {"symbol": lower, "window_size": "4h"},
        "all_market_rolling_window_ticker": {"window_size": "1h"},
        "book_ticker": {"symbol": lower},
        "avg_price": {"symbol": lower},
        "partial_book_depth": {"symbol": lower, "levels": "10", "update_speed": "100ms"},
        "diff_book_depth": {"symbol": lower, "update_speed": "100ms"},
        "reference_price": {"symbol": lower},
        "block_trade": {"symbol": lower},
    }
    base = set(dir(SpotWebSocketStreams.__mro__[1]))
    equal(set(wanted), offered(SpotWebSocketStreams, *base, "ping_server", "user_data"))
    seen = {}
    try:
        for name, parameters in wanted.items():
            handle = await getattr(client, name)(**parameters)
            handle.on("message", lambda event, name=name: seen.setdefault(name, plain(event)))
            # Five messages a second is the limit, and the connector keeps no count.
            await asyncio.sleep(0.25)
        listed = await client.list_subscribe()
        equal(len(listed["result"]), len(wanted))
        end = time.monotonic() + 35
        while set(seen) != set(wanted) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        equal(set(wanted) - set(seen), set())
        equal((seen["trade"]["s"], seen["kline"]["k"]["i"], len(seen["partial_book_depth"]["bids"])), (SYMBOL, "1s", 10))
    finally:
        await client.close_connection()


@case("over TLS, with the certificate that the exchange made")
async def _(world):
    with Exchange("--tls") as exchange:
        keys, trust = exchange.alice, exchange.trust
        rest = rest_client(exchange, keys.hmac_key, api_secret=keys.hmac_secret, https_agent=trust)
        holds(data(await in_thread(rest.get_account))["balances"])
        client = ws_client(exchange, keys.hmac_key, api_secret=keys.hmac_secret, https_agent=trust)
        await client.create_connection()
        try:
            holds(data(await client.account_status())["balances"])
        finally:
            await client.close_connection()


async def scenario(cases):
    # Of its one limit a minute every case takes a share, so there is none here; a case above looks at the limits.
    with Exchange("--no-limits") as exchange:
        await exchange.begin()
        await cases.run(World(exchange))


if __name__ == "__main__":
    main(cases, scenario)
