//! Statements by shape, so that the text of a statement is written once.

use super::Compiled;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

type Map = HashMap<Box<[u8]>, Arc<Compiled>, BuildHasherDefault<ShapeHasher>>;

/// A bounded map in two generations. What is used moves to the young one; when that is full it becomes the old
/// one, and what was in the old one and not used since is forgotten.
#[derive(Debug, Default)]
pub(super) struct Cache {
    generations: RwLock<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: Map,
    old: Map,
}

/// How many statements a generation holds; the cache holds at most twice as many.
pub(super) const GENERATION: usize = 512;

impl Cache {
    pub(super) fn get(&self, shape: &[u8]) -> Option<Arc<Compiled>> {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = generations.young.get(shape) {
            return Some(found.clone());
        }
        let found = generations.old.get(shape)?.clone();
        drop(generations);
        self.insert(shape, &found);
        Some(found)
    }

    /// Adds a statement, or keeps the one that another thread added meanwhile.
    pub(super) fn insert(&self, shape: &[u8], statement: &Arc<Compiled>) -> Arc<Compiled> {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.entry(shape.into()).or_insert_with(|| statement.clone()).clone()
    }
}

/// Multiply and rotate, eight bytes at a time. A shape is short and made by the program, not by its users: it needs
/// no protection from chosen keys, and the cache is bounded.
#[derive(Debug, Default)]
struct ShapeHasher(u64);

impl ShapeHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for ShapeHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last));
    }

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }

    // The table takes its position from the low bits and its tag from the high ones.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
