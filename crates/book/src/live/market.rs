//! What differs from product to product.

use crate::input::{DepthDiff, DepthSnapshot, SyncRule};
use binance_kit_core::{InvalidStreamName, RestRequest, StreamEvent, StreamName, Symbol};

/// A product whose books can be kept: its diff stream, its depth request, and the rule by which the two fit together.
pub trait BookMarket: Send + Sync + 'static {
    /// The event of the diff stream.
    type Diff: StreamEvent + DepthDiff;
    /// The request for a snapshot.
    type Request: RestRequest<Response: DepthSnapshot> + Send + 'static;

    /// By which rule the ids follow one another.
    const RULE: SyncRule;

    /// The numbers of levels that a snapshot may have, ascending.
    const LIMITS: &'static [usize];

    /// The name of a symbol's diff stream.
    ///
    /// # Errors
    ///
    /// [`InvalidStreamName`] when the symbol cannot stand in one.
    fn stream(&self, symbol: &Symbol) -> Result<StreamName, InvalidStreamName>;

    /// The request for a snapshot of this many levels, one of [`BookMarket::LIMITS`].
    fn request(&self, symbol: &Symbol, limit: usize) -> Self::Request;
}
