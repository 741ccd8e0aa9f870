package market_research;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.kernel.api.net.NetworkConnectionTracker;
import org.neo4j.kernel.extension.ExtensionFactory;
import org.neo4j.kernel.extension.ExtensionType;
import org.neo4j.kernel.extension.context.ExtensionContext;
import org.neo4j.kernel.lifecycle.Lifecycle;
import org.neo4j.kernel.lifecycle.LifecycleAdapter;

/**
 * Makes the stored users those that the entry point names: neo4j with the password on standard input, or all of a file, which
 * is followed as long as the server runs.
 *
 * <p>The server starts its extensions after the system database and before it opens a port, so a former password, or the one
 * that a new store is born with, is never answered, and a failure here stops the start.
 */
public final class StoredUsers extends ExtensionFactory<StoredUsers.Dependencies> {
    private static final String FROM_STDIN = "market_research.password_on_stdin";
    private static final String FROM_FILE = "market_research.users";
    private static final long POLL_MILLISECONDS = 2000;

    public StoredUsers() {
        super(ExtensionType.GLOBAL, "stored-users");
    }

    /** What the server hands to the extension. */
    public interface Dependencies {
        DatabaseManagementService databaseManagementService();

        NetworkConnectionTracker networkConnectionTracker();
    }

    @Override
    public Lifecycle newInstance(ExtensionContext context, Dependencies dependencies) {
        return new Following(dependencies);
    }

    private static String readPassword() throws IOException {
        String password = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
        if (password.isEmpty()) {
            throw new IllegalStateException("No password on standard input: start the server through the entry point");
        }
        return password;
    }

    private static final class Following extends LifecycleAdapter {
        private final Dependencies dependencies;
        private Thread follower;

        Following(Dependencies dependencies) {
            this.dependencies = dependencies;
        }

        @Override
        public void start() throws Exception {
            Users users = new Users(dependencies.databaseManagementService().database("system"));
            String file = System.getProperty(FROM_FILE);
            if (Boolean.getBoolean(FROM_STDIN)) {
                users.take(Map.of("neo4j", readPassword()), name -> {});
            } else if (file != null) {
                String text = Files.readString(Path.of(file));
                users.replaceBy(Users.in(text), name -> {});
                follower = new Thread(() -> follow(users, Path.of(file), text), "follows-users");
                follower.setDaemon(true);
                follower.start();
            }
        }

        @Override
        public void stop() throws Exception {
            if (follower != null) {
                follower.interrupt();
                follower.join();
            }
        }

        private void follow(Users users, Path file, String first) {
            String applied = first;
            String before = first;
            Set<String> leaving = new HashSet<>(); // until their connections have ended, however many tries that takes
            while (pause()) {
                try {
                    String now = Files.readString(file);
                    // What is seen twice is complete.
                    if (!now.equals(applied) && now.equals(before)) {
                        users.replaceBy(Users.in(now), leaving::add);
                        leaving.forEach(this::endConnections);
                        leaving.clear();
                        applied = now;
                    }
                    before = now;
                } catch (Exception failure) {
                    System.out.println("The users could not be made those of " + file + ": " + failure.getMessage());
                }
            }
        }

        /** Who came in with a password that has changed, or as somebody who is gone. */
        private void endConnections(String user) {
            dependencies.networkConnectionTracker().activeConnections().stream()
                    .filter(connection -> user.equals(connection.username()))
                    .forEach(connection -> connection.close());
        }

        private static boolean pause() {
            try {
                Thread.sleep(POLL_MILLISECONDS);
                return true;
            } catch (InterruptedException stopped) {
                return false;
            }
        }
    }
}
