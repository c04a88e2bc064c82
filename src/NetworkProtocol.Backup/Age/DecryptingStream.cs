namespace NetworkProtocol.Backup.Age;

/// <summary>Decrypts an age file. It gives only bytes whose authentication tag is right.</summary>
internal sealed class DecryptingStream : AsyncStream
{
    private const int SealedLength = Payload.ChunkLength + Payload.TagLength;

    private readonly Stream _source;
    private readonly Payload _payload;
    private readonly byte[] _sealed = new byte[SealedLength + 1]; // with one byte of the next chunk, to see whether there is one
    private readonly byte[] _chunk = new byte[Payload.ChunkLength];
    private int _ahead;
    private int _length;
    private int _position;
    private bool _isFirst = true;
    private bool _isOver;

    private DecryptingStream(Stream source, Payload payload) => (_source, _payload) = (source, payload);

    public override bool CanRead => true;

    /// <summary>Reads the header; null if the file was not made for this identity.</summary>
    /// <exception cref="InvalidDataException">It is no age file, or damaged.</exception>
    public static async Task<DecryptingStream?> OpenAsync(Stream source, IIdentity identity, CancellationToken cancellationToken)
    {
        var header = AgeHeader.Read(source);
        if (identity.Unwrap(header.Stanzas) is not { } fileKey)
        {
            return null;
        }

        var nonce = new byte[Payload.NonceLength];
        if (!header.IsUnder(fileKey)
            || await source.ReadAtLeastAsync(nonce, nonce.Length, throwOnEndOfStream: false, cancellationToken) < nonce.Length)
        {
            throw new InvalidDataException("its header is damaged");
        }

        return new DecryptingStream(source, new Payload(fileKey, nonce));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length && !_isOver)
        {
            await OpenNextAsync(cancellationToken);
        }

        var taken = Math.Min(_length - _position, buffer.Length);
        _chunk.AsMemory(_position, taken).CopyTo(buffer);
        _position += taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        _payload.Dispose();
        base.Dispose(disposing);
    }

    private async Task OpenNextAsync(CancellationToken cancellationToken)
    {
        var rest = _sealed.AsMemory(_ahead);
        var read = _ahead + await _source.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken);
        _isOver = read <= SealedLength;
        var length = Math.Min(read, SealedLength);
        if (length < Payload.TagLength || (length == Payload.TagLength && !_isFirst))
        {
            throw new InvalidDataException("it was cut off");
        }

        _payload.Open(_sealed.AsSpan(0, length), _chunk, _isOver);
        _sealed[0] = _sealed[SealedLength];
        (_ahead, _position, _length, _isFirst) = (_isOver ? 0 : 1, 0, length - Payload.TagLength, false);
    }
}
