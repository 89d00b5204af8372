"""Security headers and caching, the same for every answer."""

from urllib.parse import urlsplit

from flask import Flask, Response, request, session

from civic.web.access import knows_visitor


def init_app(app: Flask, tiles_url: str) -> None:
    """Content-Security-Policy without inline scripts or styles; public pages may be cached, others not."""
    tiles = urlsplit(tiles_url)
    policy = "; ".join((
        "default-src 'self'", f"img-src 'self' data: blob: {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # tile servers ask for the origin
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if knows_visitor() or session.modified else "no-cache"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
