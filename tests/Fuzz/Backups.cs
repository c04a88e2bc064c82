using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Age;
using NetworkProtocol.Backup.Tar;

namespace Fuzz;

/// <summary>Backups: whoever knows the public key, as each server does, can make one, and an operator reads it as root.</summary>
internal static class Backups
{
    public const string Header = "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
        + "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n";

    public const string HeaderForTwo = "age-encryption.org/v1\n"
        + "-> scrypt GixTkc7+InSPLzPNGU6cFw 18\nkC4zjzi7LRutdBfOlGHCgox8SXgfYxRYhWM1qPs0ca8\n"
        + "-> grease a b c\n\n--- 9Jc3hbtsBhbmjvVQXJGyVmzlSr8gKRBBnWAu2xSrqb4\n";

    private const string Words = "restore me";

    /// <summary>What is accepted is what age would have written, and no byte more was read.</summary>
    public static int ReadHeader(byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        AgeHeader header;
        try
        {
            header = AgeHeader.Read(source);
        }
        catch (InvalidDataException e)
        {
            return Hash(e.Message);
        }

        var again = $"{Encoding.ASCII.GetString(header.Text)} {Base64Text.Encode(header.Mac)}\n";
        Targets.Require(again == Encoding.ASCII.GetString(bytes, 0, (int)source.Position), "a header was read as another one");
        return Targets.Kind(64, header.Stanzas.Count, Targets.Bucket(header.Text.Length));
    }

    /// <summary>The input is the tar, well encrypted: it is a backup, or damaged.</summary>
    public static int ReadArchive(byte[] bytes) => ReadArchiveAsync(bytes).GetAwaiter().GetResult(); // all of it is in memory

    /// <summary>A good one.</summary>
    public static byte[] Archive()
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "configuration"));
            Add(tar, "configuration/a", Encoding.ASCII.GetBytes(Words));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "configuration/b") { LinkName = "a" });
            var file = new ManifestFile(Words.Length, Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(Words))));
            Add(tar, Manifest.Name, new Manifest(
                Manifest.CurrentFormat, Targets.Now, "host", "1.0", new() { ["configuration"] = "/etc" },
                new() { ["configuration/a"] = file }, new() { ["configuration/b"] = "a" }).ToJson());
        }

        return archive.ToArray();
    }

    /// <summary>Each name is one text and one escaped text, and the archive gives it back.</summary>
    public static int KeepName(byte[] bytes)
    {
        var name = FileNames.Decode(bytes);
        Targets.Require(FileNames.Encode(name).AsSpan().SequenceEqual(bytes), "a name has changed");
        Targets.Require(FileNames.Unescape(FileNames.Escape(name)) == name, "a name in the manifest has changed");
        Targets.Require(FileNames.IsUtf8(name) == Utf8.IsValid(bytes), "UTF-8 was taken for something else");
        Targets.Require(bytes.Length == 0 || bytes.Contains((byte)'/') || IsKeptInArchive(name), "a name in the archive has changed");
        return Targets.Kind(
            64, FileNames.IsUtf8(name) ? 1 : 0,
            Targets.Bucket(bytes.Length), Targets.Bucket(FileNames.Escape(name).Length), Targets.Bucket(name.Length));
    }

    /// <summary>The input is an extended header: what is read from it is the same when it is written again.</summary>
    public static int ReadExtendedHeader(byte[] bytes)
    {
        var block = TarBlock.Write(TarType.Extended, new ArchiveEntry(FileKind.File, "x"), bytes.Length);
        byte[] header = [.. block, .. bytes, .. new byte[-bytes.Length & 511]];
        ArchiveEntry entry;
        try
        {
            entry = Read([.. header, .. TarBlock.Write('0', new ArchiveEntry(FileKind.File, "a"), 0)])!;
        }
        catch (InvalidDataException e)
        {
            return Hash(e.Message);
        }

        var again = Read(Write(entry with { Size = 0 }))!;
        Targets.Require(again.Name == entry.Name && again.Modified == entry.Modified && again.Owner == entry.Owner, "an entry has changed");
        return Targets.Kind(
            64, Targets.Bucket(entry.Name.Length),
            entry.Size > 0 ? 1 : 0, entry.LinkTarget.Length > 0 ? 1 : 0, entry.Modified.Ticks > 0 ? 1 : 0);
    }

    private static bool IsKeptInArchive(string name)
    {
        var link = new ArchiveEntry(FileKind.Link, $"a/{name}") { LinkTarget = name };
        return Read(Write(link)) is { } read && read.Name == link.Name && read.LinkTarget == name;
    }

    private static byte[] Write(ArchiveEntry entry)
    {
        using var archive = new MemoryStream();
        new TarOutput(archive).WriteAsync(entry, Stream.Null, CancellationToken.None).GetAwaiter().GetResult();
        return archive.ToArray();
    }

    private static ArchiveEntry? Read(byte[] archive) =>
        new TarInput(new MemoryStream(archive)).NextAsync(CancellationToken.None).GetAwaiter().GetResult();

    private static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(content), ModificationTime = Targets.Now,
        });

    private static async Task<int> ReadArchiveAsync(byte[] bytes)
    {
        using var backup = new MemoryStream();
        var fileKey = await EncryptAsync(bytes, backup);
        try
        {
            var reader = new ArchiveReader("backup", backup, new KnownFileKey(fileKey));
            var manifest = await reader.ReadAsync(onEntry: null, CancellationToken.None);
            return Targets.Kind(64, manifest.Files.Count, manifest.Links.Count);
        }
        catch (BackupException e)
        {
            return Hash(e.InnerException?.Message ?? e.Message);
        }
    }

    private static async Task<byte[]> EncryptAsync(byte[] plain, Stream target)
    {
        var (encrypted, fileKey) = await EncryptingStream.CreateAsync(target, [], CancellationToken.None);
        await using (encrypted)
        {
            await using (var packed = new GZipStream(encrypted, CompressionLevel.NoCompression, leaveOpen: true))
            {
                await packed.WriteAsync(plain);
            }

            await encrypted.FinishAsync(CancellationToken.None);
        }

        return fileKey;
    }

    // What an error says, in one of 64 kinds: it repeats names that the input chose.
    private static int Hash(string message) => message.Take(30).Aggregate(0, (hash, letter) => (hash * 31) + letter) & 63;
}
