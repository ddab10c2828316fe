"""Delivery under fire: workers and servers are killed, stopped and slowed under load, and every effect is checked."""
