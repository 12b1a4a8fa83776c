"""What the benchmarks of `serve` share: an upstream that keeps time, a client that measures, and the processes."""
