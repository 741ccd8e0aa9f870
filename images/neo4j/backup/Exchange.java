package market_research;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The folder in which a dump lies: written here, read and removed by a container of another user. */
record Exchange(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    Path dump() {
        return folder.resolve("neo4j.dump");
    }

    /** Facts that a dump must have, there when somebody put them there. */
    Path expected() {
        return folder.resolve("expected.json");
    }

    void make() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
    }

    void remove(String... names) throws IOException {
        for (String name : names) {
            Files.deleteIfExists(folder.resolve(name));
            Files.deleteIfExists(partial(name));
        }
    }

    /** The file that becomes `name` when it is finished. */
    Path partial(String name) {
        return folder.resolve(name + ".partial");
    }

    void finish(String name) throws IOException {
        Path file = partial(name);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void write(String name, Map<String, ?> values) throws IOException {
        JSON.writeValue(partial(name).toFile(), values);
        finish(name);
    }

    static SortedMap<String, Object> read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Object>>() {});
    }
}
