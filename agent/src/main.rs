//! `invigil-agent`.
fn main() {}
