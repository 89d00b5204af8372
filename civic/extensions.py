"""The Flask extensions, bound to an app in ``create_app``."""

from flask_babel import Babel
from flask_migrate import Migrate
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from civic.accounts.models import Role, User
from civic.accounts.security import OutboxMail, PasswordGuard

db = SQLAlchemy()
migrate = Migrate()
babel = Babel()
csrf = CSRFProtect()
user_datastore = SQLAlchemyUserDatastore(db, User, Role)
security = Security(mail_util_cls=OutboxMail, password_util_cls=PasswordGuard)  # ``init_app`` would ignore it silently
