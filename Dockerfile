# One image, three roles: the web server by default; for the others give another command:
#   celery --app matchsite worker        celery --app matchsite beat        python manage.py prepare

FROM python:3.11-slim-bookworm AS packages
WORKDIR /site
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /site kindred \
    && install --directory --owner=kindred --mode=0700 /data
WORKDIR /site
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY ml ml
COPY accounts accounts
COPY surveys surveys
COPY recommendations recommendations
COPY matchsite matchsite
COPY templates templates
COPY static static
USER kindred
RUN python manage.py collectstatic --noinput --verbosity 0
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "matchsite.wsgi:application"]
