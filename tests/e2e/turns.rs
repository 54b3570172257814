//! How many stories may run at once: each records, encodes and is measured in real time.

use std::sync::{Condvar, Mutex, PoisonError};

const HALVES: u32 = 2;

#[derive(Debug)]
struct Queue {
    /// Number that the next who comes gets.
    next: u64,
    /// Number whose turn is the next: in the order of coming, so that nobody is passed over.
    admitted: u64,
    taken: u32,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { next: 0, admitted: 0, taken: 0 });
static CHANGED: Condvar = Condvar::new();

/// Halves of the machine, given back when dropped.
#[derive(Debug)]
pub struct Turn(u32);

/// Waits for that many halves.
pub fn take(halves: u32) -> Turn {
    let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = queue.next;
    queue.next += 1;
    while queue.admitted != number || queue.taken + halves > HALVES {
        queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
    queue.admitted += 1;
    queue.taken += halves;
    CHANGED.notify_all();
    Turn(halves)
}

impl Drop for Turn {
    fn drop(&mut self) {
        QUEUE.lock().unwrap_or_else(PoisonError::into_inner).taken -= self.0;
        CHANGED.notify_all();
    }
}
