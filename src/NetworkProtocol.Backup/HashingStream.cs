using System.Security.Cryptography;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Backup;

/// <summary>Reads as many bytes of a file as it had when it was opened, and hashes them. So a log can grow while it is saved.</summary>
/// <param name="file">The file.</param>
/// <param name="name">Its name in errors.</param>
internal sealed class HashingStream(Stream file, string name) : AsyncStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    public override long Length { get; } = file.Length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, Length - _position);
        var read = wanted == 0 ? 0 : await file.ReadAsync(buffer[..wanted], cancellationToken);
        if (read == 0 && wanted > 0)
        {
            throw new IOException($"{name} became shorter while it was read: begin again");
        }

        _hash.AppendData(buffer.Span[..read]);
        _position += read;
        return read;
    }

    /// <summary>The size and the hash of the bytes that were read.</summary>
    public ManifestFile Summary => new(_position, Convert.ToHexString(_hash.GetCurrentHash()));

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        file.Dispose();
        base.Dispose(disposing);
    }
}
