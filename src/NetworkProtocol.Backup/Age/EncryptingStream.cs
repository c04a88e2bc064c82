using System.Security.Cryptography;

namespace NetworkProtocol.Backup.Age;

/// <summary>
/// Writes an age file. The file is complete only after <see cref="FinishAsync"/>, so that a file that was cut off is recognized.
/// </summary>
internal sealed class EncryptingStream : AsyncStream
{
    private readonly Stream _target;
    private readonly Payload _payload;
    private readonly byte[] _chunk = new byte[Payload.ChunkLength];
    private readonly byte[] _sealed = new byte[Payload.ChunkLength + Payload.TagLength];
    private int _length;

    private EncryptingStream(Stream target, Payload payload) => (_target, _payload) = (target, payload);

    public override bool CanWrite => true;

    /// <summary>Writes the header. The file key decrypts the file again.</summary>
    public static async Task<(EncryptingStream Stream, byte[] FileKey)> CreateAsync(
        Stream target, IEnumerable<IRecipient> recipients, CancellationToken cancellationToken)
    {
        var fileKey = RandomNumberGenerator.GetBytes(KeyWrap.FileKeyLength);
        await AgeHeader.Create(recipients.Select(recipient => recipient.Wrap(fileKey)), fileKey).WriteAsync(target, cancellationToken);
        var nonce = RandomNumberGenerator.GetBytes(Payload.NonceLength);
        await target.WriteAsync(nonce, cancellationToken);
        return (new EncryptingStream(target, new Payload(fileKey, nonce)), fileKey);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_length == _chunk.Length) // not earlier, because the last chunk must not be empty
            {
                await SealAsync(isLast: false, cancellationToken);
            }

            var taken = Math.Min(_chunk.Length - _length, buffer.Length);
            buffer[..taken].CopyTo(_chunk.AsMemory(_length));
            buffer = buffer[taken..];
            _length += taken;
        }
    }

    /// <summary>Writes the last chunk.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await SealAsync(isLast: true, cancellationToken);
        await _target.FlushAsync(cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _payload.Dispose();
        base.Dispose(disposing);
    }

    private async Task SealAsync(bool isLast, CancellationToken cancellationToken)
    {
        _payload.Seal(_chunk.AsSpan(0, _length), _sealed, isLast);
        await _target.WriteAsync(_sealed.AsMemory(0, _length + Payload.TagLength), cancellationToken);
        _length = 0;
    }
}
