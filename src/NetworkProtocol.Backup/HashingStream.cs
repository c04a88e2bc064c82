using System.Security.Cryptography;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Backup;

/// <summary>The first bytes of a file, as many as it had when it was opened, and their hash. A log that grows meanwhile is no harm.</summary>
/// <param name="file">The file.</param>
/// <param name="name">What to call it.</param>
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

    /// <summary>What was read so far.</summary>
    public ManifestFile Summary => new(_position, Convert.ToHexString(_hash.GetCurrentHash()));

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        file.Dispose();
        base.Dispose(disposing);
    }
}
