"""What a report's page is made of: HTML, CSS and JavaScript in files, and bins of numbers."""
