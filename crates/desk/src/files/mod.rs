//! Files that nobody else may read, and what is wrong where they cannot be read or written.

mod disk;
pub(crate) mod private;
mod serving;

pub use disk::{DiskError, DiskFault, LittleRoom};
pub use private::PrivateError;
pub(crate) use private::refuse_link;
pub(crate) use serving::SERVING_FILE;
pub use serving::Serving;
