"""Where the API is reached."""


def address_of(scheme: str, host: str, port: int) -> str:
    """Return the address at which a socket is reached."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
