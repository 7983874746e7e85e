//! The scopes of a session: the transaction and the blocks open in it, and what was noted in each.

use super::undo::Before;
use pyo3::prelude::*;

/// A log of what was noted, in order, with the place where each open block begins.
pub struct Past {
    log: Vec<Before>,
    blocks: Vec<Block>,
    /// Blocks whose transaction was ended inside them, and which are not left yet.
    over: Vec<u32>,
    /// Grows with each scope, and names it.
    serial: u32,
    sweep_at: usize,
}

/// A block of the caller's in the transaction.
#[derive(Clone, Copy)]
pub struct Block {
    id: u32,
    /// None: it is the whole transaction.
    pub savepoint: Option<usize>,
    /// Whether it is left at its end in any case, as `async with` does.
    guarded: bool,
    mark: usize,
    /// The scope around it.
    outer: u32,
}

impl Default for Past {
    fn default() -> Self {
        Self { log: Vec::new(), blocks: Vec::new(), over: Vec::new(), serial: Self::FIRST, sweep_at: 0 }
    }
}

impl Past {
    /// The scope of a new session. Objects begin with a lower number.
    pub const FIRST: u32 = 1;

    /// The number that scopes begun from here on exceed.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// Adds a note. Returns notes for objects that are gone, to be dropped when nothing is locked any more.
    pub fn push(&mut self, py: Python<'_>, before: Before) -> Vec<Before> {
        self.log.push(before);
        let mark = self.blocks.last().map_or(0, |block| block.mark);
        if self.log.len() - mark < self.sweep_at.max(64) {
            return Vec::new();
        }
        let (alive, gone): (Vec<_>, Vec<_>) = self.log.drain(mark..).partition(|before| before.is_alive(py));
        self.sweep_at = alive.len() * 2;
        self.log.extend(alive);
        gone
    }

    /// Begins a block; returns its id, which is also its scope.
    pub fn enter(&mut self, savepoint: Option<usize>, guarded: bool, outer: u32) -> u32 {
        self.serial += 1;
        self.sweep_at = 0;
        self.blocks.push(Block { id: self.serial, savepoint, guarded, mark: self.log.len(), outer });
        self.serial
    }

    /// The open block with this id, and whether it is the innermost.
    pub fn block(&self, id: u32) -> Option<(Block, bool)> {
        let block = self.blocks.iter().find(|block| block.id == id)?;
        Some((*block, self.blocks.last().is_some_and(|last| last.id == id)))
    }

    /// Ends the innermost block and keeps its work. Returns the scope that goes on, and notes that nobody needs: the
    /// scope around knew of these objects before.
    pub fn keep(&mut self, block: Block) -> (u32, Vec<Before>) {
        self.close(block);
        let (known, new): (Vec<_>, Vec<_>) =
            self.log.drain(block.mark..).partition(|before| before.noted() >= block.outer);
        self.log.extend(new);
        (block.outer, known)
    }

    /// Ends a block, and those in it. Returns the scope that goes on, and what is to be put back, last first.
    pub fn undo(&mut self, block: Block) -> (u32, Vec<Before>) {
        self.close(block);
        let mut undone = self.log.split_off(block.mark);
        undone.reverse();
        (block.outer, undone)
    }

    fn close(&mut self, block: Block) {
        self.blocks.retain(|other| other.id < block.id);
        self.over.retain(|other| *other < block.id);
        self.sweep_at = 0;
    }

    /// Ends the transaction with all its blocks. Returns the scope of the next one, and all that was noted, last first.
    pub fn end(&mut self) -> (u32, Vec<Before>) {
        self.over.extend(self.blocks.drain(..).filter(|block| block.guarded).map(|block| block.id));
        self.serial += 1;
        self.sweep_at = 0;
        let mut noted = std::mem::take(&mut self.log);
        noted.reverse();
        (self.serial, noted)
    }

    /// A block was ended inside, and is yet to be left.
    pub fn wait_for(&mut self, block: Block) {
        if block.guarded {
            self.over.push(block.id);
        }
    }

    /// A block is left, whatever becomes of it, and with it those inside.
    pub fn left(&mut self, id: u32) {
        self.over.retain(|other| *other < id);
        self.blocks.iter_mut().filter(|block| block.id >= id).for_each(|block| block.guarded = false);
    }

    /// Whether a block is to be left before the session goes on.
    pub fn is_over(&self) -> bool {
        !self.over.is_empty()
    }
}
