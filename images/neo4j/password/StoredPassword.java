package market_research;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Label;
import org.neo4j.graphdb.Node;
import org.neo4j.graphdb.Transaction;
import org.neo4j.kernel.extension.ExtensionFactory;
import org.neo4j.kernel.extension.ExtensionType;
import org.neo4j.kernel.extension.context.ExtensionContext;
import org.neo4j.kernel.lifecycle.Lifecycle;
import org.neo4j.kernel.lifecycle.LifecycleAdapter;
import org.neo4j.server.security.FormatException;
import org.neo4j.server.security.SecureHasher;
import org.neo4j.server.security.SystemGraphCredential;

/**
 * Makes the stored password of user neo4j the one that the entry point hands over on standard input.
 *
 * <p>The server starts its extensions after the system database and before it opens a port, so the former password, or
 * the one that a new store is born with, is never answered, and a failure here stops the start.
 */
public final class StoredPassword extends ExtensionFactory<StoredPassword.Dependencies> {
    private static final String FROM_STDIN = "market_research.password_on_stdin";

    public StoredPassword() {
        super(ExtensionType.GLOBAL, "stored-password");
    }

    /** What the server hands to the extension. */
    public interface Dependencies {
        DatabaseManagementService databaseManagementService();
    }

    @Override
    public Lifecycle newInstance(ExtensionContext context, Dependencies dependencies) {
        return LifecycleAdapter.onStart(() -> {
            if (Boolean.getBoolean(FROM_STDIN)) {
                reconcile(dependencies.databaseManagementService().database("system"), readPassword());
            }
        });
    }

    private static String readPassword() throws IOException {
        String password = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
        if (password.isEmpty()) {
            throw new IllegalStateException("No password on standard input: start the server through the entry point");
        }
        return password;
    }

    private static void reconcile(GraphDatabaseService system, String password) throws FormatException {
        Stored stored = Stored.in(system);
        boolean matches = stored.exists() && stored.matches(password);
        if (matches && !stored.mustChange()) {
            return;
        }
        if (matches) { // the server refuses to set the password that is already stored
            system.executeTransactionally("ALTER USER neo4j SET PASSWORD CHANGE NOT REQUIRED");
            return;
        }
        system.executeTransactionally(
                (stored.exists() ? "ALTER" : "CREATE") + " USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                Map.of("password", password));
        System.out.println("Password of user neo4j set from the configured secret");
    }

    private record Stored(String credentials, boolean mustChange) {
        static Stored in(GraphDatabaseService system) {
            try (Transaction transaction = system.beginTx()) {
                Node user = transaction.findNode(Label.label("User"), "name", "neo4j");
                return user == null
                        ? new Stored(null, true)
                        : new Stored(
                                (String) user.getProperty("credentials", null),
                                (Boolean) user.getProperty("passwordChangeRequired", false));
            }
        }

        boolean exists() {
            return credentials != null;
        }

        boolean matches(String password) throws FormatException {
            return SystemGraphCredential.deserialize(credentials, new SecureHasher())
                    .matchesPassword(password.getBytes(StandardCharsets.UTF_8));
        }
    }
}
