//! Where a pane's shell runs: this machine, a host, a container, a pod.
#![forbid(unsafe_code)]
