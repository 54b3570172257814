//! Opening footage with a review key.
