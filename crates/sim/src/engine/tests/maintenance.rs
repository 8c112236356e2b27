//! Orders that the exchange cancels on its own account.

use super::*;

#[test]
fn everything_open_expires_and_all_funds_are_free() {
    let mut bench = Bench::new(2, "0.001");
    trade_at(&mut bench, "100");
    let kept = bench.limit(1, Side::Buy, "1", "90").order.id;
    let plain = bench.limit(0, Side::Sell, "3", "110").order.id;
    let stop =
        NewOrder { stop_price: Some(fixed("120")), ..bench_order(Side::Buy, OrderType::StopLoss, "1") };
    let stop = bench.place(0, stop).unwrap().order.id;
    let working = NewOrder::limit(bench.symbol, Side::Buy, fixed("1"), fixed("95"));
    let pending = NewOrder::limit(bench.symbol, Side::Sell, fixed("1"), fixed("115"));
    let list = NewList { client_id: None, orders: NewListOrders::Trigger { working, pending, pays: false } };
    let (now, account) = (bench.now(), bench.accounts[0]);
    let (list, placed) = bench.engine.place_list(now, account, list).unwrap();
    let now = bench.now();
    assert_eq!(bench.engine.expire_open_orders(now, bench.symbol, Some(account)), 4);
    for id in [plain, stop, placed[0].order.id, placed[1].order.id] {
        let order = bench.state(id);
        assert_eq!(
            (order.status, order.expiry),
            (OrderStatus::Expired, Some(ExpiryReason::ExchangeCanceled))
        );
    }
    assert!(!bench.engine.list(list.id).unwrap().is_executing());
    assert_eq!(bench.balance(0, "A").1, "0.00000000");
    assert_eq!(bench.balance(0, "B").1, "0.00000000");
    assert_eq!(bench.state(kept).status, OrderStatus::New);
    bench.check_invariants();
    let now = bench.now();
    assert_eq!(bench.engine.expire_open_orders(now, bench.symbol, None), 1);
    assert_eq!(bench.engine.expire_open_orders(now, bench.symbol, None), 0);
    bench.check_invariants();
}
