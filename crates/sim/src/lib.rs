//! An embedded exchange on loopback that speaks the Binance protocols.
