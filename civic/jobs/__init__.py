"""Work outside the request: the queue, and the outbox that no killed worker can lose."""
