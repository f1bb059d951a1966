"""What operators look at: the page of metrics, dashboards and alerts, all over the one table of names."""
