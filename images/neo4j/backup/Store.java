package market_research;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.neo4j.commandline.dbms.CannotWriteException;
import org.neo4j.commandline.dbms.LockChecker;
import org.neo4j.configuration.Config;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.dbms.archive.DumpFormatSelector;
import org.neo4j.dbms.archive.IncorrectFormat;
import org.neo4j.dbms.archive.Loader;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.io.ByteUnit;
import org.neo4j.io.fs.DefaultFileSystemAbstraction;
import org.neo4j.io.fs.FileSystemAbstraction;
import org.neo4j.io.layout.DatabaseLayout;
import org.neo4j.io.layout.Neo4jLayout;
import org.neo4j.io.locker.FileLockException;
import org.neo4j.kernel.recovery.Recovery;
import org.neo4j.memory.EmptyMemoryTracker;
import org.neo4j.storageengine.api.StorageEngineFactory;

/** A data folder of Neo4j while no server uses it, and its one database for users. */
record Store(Path data) {
    static final Path OF_SERVER = Path.of("/data");
    static final String DATABASE = "neo4j";
    /** Below a data folder: what belongs to a database. */
    static final List<String> KINDS = List.of("databases", "transactions");

    private static final Path HOME = Path.of("/tmp/neo4j/offline");
    private static final Path LOGGING = Path.of("/usr/local/lib/docker-entrypoint/offline-logs.xml");

    private Config config() {
        return Config.newBuilder()
                .set(GraphDatabaseSettings.neo4j_home, HOME)
                .set(GraphDatabaseSettings.data_directory, data)
                .build();
    }

    private DatabaseLayout layout() {
        return Neo4jLayout.of(config()).databaseLayout(DATABASE);
    }

    /** The database's files; its transaction logs lie elsewhere, and what is of a server's work is not the database. */
    Path files() {
        return layout().databaseDirectory();
    }

    Path logs() {
        return layout().getTransactionLogsDirectory();
    }

    boolean isOfServer(Path file) {
        Path name = file.getFileName();
        return name.equals(layout().databaseLockFile().getFileName()) || name.equals(layout().quarantineFile().getFileName());
    }

    boolean hasDatabase() throws IOException {
        try (FileSystemAbstraction files = new DefaultFileSystemAbstraction()) {
            return StorageEngineFactory.selectStorageEngine(files, layout()).isPresent();
        }
    }

    /** Keeps servers away until it is closed. */
    Closeable locked() throws IOException, Program.Refused {
        try {
            Files.createDirectories(data.resolve("databases"));
            return LockChecker.checkDbmsLock(Neo4jLayout.of(config()));
        } catch (FileLockException taken) {
            throw new Program.Refused("a server, or another of these programs, uses " + data + ": stop it, then run this again.");
        } catch (CannotWriteException | AccessDeniedException forbidden) {
            throw new Program.Refused(data + " cannot be written by this user: mount it writable, as volume of user 7474.");
        }
    }

    boolean needsRecovery() throws Exception {
        try (FileSystemAbstraction files = new DefaultFileSystemAbstraction()) {
            return Recovery.isRecoveryRequired(files, layout(), config(), EmptyMemoryTracker.INSTANCE);
        }
    }

    /** Starts a server without any port, asks, and stops it cleanly; a database that was not stopped is recovered. */
    <T> T open(Function<GraphDatabaseService, T> question) {
        DatabaseManagementService server = new DatabaseManagementServiceBuilder(HOME)
                .setConfig(GraphDatabaseSettings.data_directory, data)
                .setConfig(GraphDatabaseSettings.user_logging_config_path, LOGGING)
                .setConfig(GraphDatabaseSettings.server_logging_config_path, LOGGING)
                .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(128))
                .build();
        try {
            return question.apply(server.database(DATABASE));
        } finally {
            server.shutdown();
        }
    }

    /** Makes the database from a dump; the folder must not have one. */
    void load(Path dump) throws IOException, Program.Refused {
        requireWhole(dump);
        for (String kind : KINDS) {
            Files.createDirectories(data.resolve(kind));
        }
        try (FileSystemAbstraction files = new DefaultFileSystemAbstraction()) {
            new Loader(files).load(layout(), dump);
        } catch (IncorrectFormat unreadable) {
            throw spoiled(dump, unreadable);
        }
    }

    /** The loader stops at the last file's end; the checksum of all comes after it. */
    private static void requireWhole(Path dump) throws Program.Refused {
        try (InputStream content = DumpFormatSelector.decompress(() -> Files.newInputStream(dump))) {
            content.transferTo(OutputStream.nullOutputStream());
        } catch (IOException unreadable) {
            throw spoiled(dump, unreadable);
        }
    }

    private static Program.Refused spoiled(Path dump, Exception why) {
        return new Program.Refused(
                dump + " is not a whole dump of Neo4j (" + Program.told(why) + "): fetch it again, or take another backup.");
    }

    /** Until this returns, a power cut may lose what was written. */
    static void keep(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        }
    }

    static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
    }
}
