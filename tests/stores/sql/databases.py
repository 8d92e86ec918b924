"""The three databases that the tests of existing tables run on."""

SERVERS = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1:5432/test",
    "mariadb": "mariadb+pymysql://root@127.0.0.1:3306/test",
}
DATABASES = ["sqlite", *SERVERS]
