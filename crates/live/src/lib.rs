//! AWS answers, read with the SDK.
