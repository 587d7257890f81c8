//! Management policies of AWS Organizations: what an account's effective policy is.
//!
//! Backup policies, tag policies and their like are written with inheritance operators and merged
//! from the root through the OUs to the account. The merge works for every such policy type; what
//! is special to one stands in a module of its own.
//!
//! AWS leaves parts of the merge open: which of two policies on one level wins, whether a lock on
//! a container shields what stands below it. There a setting has several possible values, the one
//! that is shown first; nothing is guessed. Every value knows the operators that made it.
//!
//! Sources: Organizations user guide, "Inheritance operators" (`policy-operators.html`) and
//! "Inheritance examples" (`inheritance-examples.html`).

mod operator;

mod value;

mod level;

mod diagnostic;

mod history;

mod branch;
mod outcomes;
mod walk;

mod merge;

mod entry;
mod invalid;

pub mod backup;
pub mod tag;

pub use diagnostic::{Code, Diagnostic, Related};
pub use entry::{Ambiguous, Entry, Setting};
pub use history::{Fate, Lock, Step};
pub use invalid::{Invalid, InvalidCode};
pub use level::{Attached, Kind, Level};
pub use merge::{Effective, Merge, effective};
pub use operator::{CONTROL, Operator, Operators};
pub use outcomes::Open;
pub use value::{Value, WrongType};
