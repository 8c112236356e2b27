//! Two futures side by side.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Runs both to their end, and adds what they give.
pub(crate) async fn both(one: impl Future<Output = usize>, two: impl Future<Output = usize>) -> usize {
    let (mut one, mut two) = (pin!(one), pin!(two));
    let (mut first, mut second) = (None, None);
    poll_fn(|cx| {
        if first.is_none()
            && let Poll::Ready(value) = one.as_mut().poll(cx)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = two.as_mut().poll(cx)
        {
            second = Some(value);
        }
        match (first, second) {
            (Some(first), Some(second)) => Poll::Ready(first + second),
            _ => Poll::Pending,
        }
    })
    .await
}
