"""Small builders of invented people, reports and plans. Nobody in them exists; numbers and sites are reserved."""
