package market_research;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How the programs for backups are called, and how they tell what became of it: 0 done, 1 failed, 2 wrong use. */
@FunctionalInterface
interface Program {
    void workIn(Path folder) throws Exception;

    /** A failure whose message says what failed, why, and what to do. */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    static void run(String name, String[] arguments, Program program) {
        System.exit(exitCode(name, arguments, program));
    }

    private static int exitCode(String name, String[] arguments, Program program) {
        if (arguments.length != 1 || !Files.isDirectory(Path.of(arguments[0]).toAbsolutePath().getParent())) {
            System.err.println(name + ": needs one argument, a folder: the one above it must be there. For instance: " + name + " /exchange/neo4j");
            return 2;
        }
        try {
            program.workIn(Path.of(arguments[0]).toAbsolutePath());
            return 0;
        } catch (Refused refused) {
            System.err.println(name + ": " + refused.getMessage());
        } catch (Exception | LinkageError | OutOfMemoryError failure) {
            System.err.println(name + ": failed: " + told(failure) + ". Nothing that counts was left behind; once the cause is removed, run it again.");
        }
        return 1;
    }

    /** What an exception and its causes say, in one line. */
    static String told(Throwable failure) {
        StringBuilder line = new StringBuilder();
        for (Throwable cause = failure; cause != null && cause.getCause() != cause; cause = cause.getCause()) {
            String said = cause.getMessage() == null || cause instanceof FileSystemException || !(cause instanceof IOException)
                    ? cause.toString()
                    : cause.getMessage();
            if (line.indexOf(said) < 0) {
                line.append(line.isEmpty() ? "" : ": ").append(said.replaceAll("\\s+", " ").strip());
            }
        }
        return line.toString();
    }
}
