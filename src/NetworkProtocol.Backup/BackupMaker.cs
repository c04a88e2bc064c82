using System.IO.Compression;
using NetworkProtocol.Backup.Age;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>Makes backups. A backup counts only after it was read again.</summary>
internal static class BackupMaker
{
    /// <summary>Writes a backup, reads it again from the disk, and gives it its final name.</summary>
    /// <exception cref="BackupException">It could not be made, or what was read differs from what was written.</exception>
    /// <exception cref="IOException">A file could not be read or written.</exception>
    public static async Task<(string Path, Manifest Manifest)> MakeAsync(
        BackupFolder folder,
        IReadOnlyList<SourceFolder> sources,
        IReadOnlyList<IRecipient> recipients,
        Action<string> leftOut,
        CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var file = folder.Create(now);
        try
        {
            var databases = new DatabaseCopies(folder);
            var (manifest, fileKey) = await WriteAsync(file, sources, databases, recipients, now, leftOut, cancellationToken);
            await file.FlushAsync(cancellationToken);
            await new ArchiveReader(file.Name, file, new KnownFileKey(fileKey)).ReadAsync(onEntry: null, cancellationToken);
            return (BackupFolder.Finish(file), manifest);
        }
        catch
        {
            File.Delete(file.Name);
            throw;
        }
    }

    private static async Task<(Manifest Manifest, byte[] FileKey)> WriteAsync(
        FileStream file,
        IReadOnlyList<SourceFolder> sources,
        DatabaseCopies databases,
        IReadOnlyList<IRecipient> recipients,
        DateTimeOffset now,
        Action<string> leftOut,
        CancellationToken cancellationToken)
    {
        var (encrypted, fileKey) = await EncryptingStream.CreateAsync(file, recipients, cancellationToken);
        await using (encrypted)
        {
            Manifest manifest;
            await using (var packed = new GZipStream(encrypted, CompressionLevel.Optimal, leaveOpen: true))
            {
                manifest = await new ArchiveWriter(new TarOutput(packed), databases, leftOut)
                    .WriteAsync(sources, now, cancellationToken);
            }

            await encrypted.FinishAsync(cancellationToken);
            return (manifest, fileKey);
        }
    }
}
