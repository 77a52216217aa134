"""What people look at: tables on the terminal, pictures, and the page that lies in every model folder."""
