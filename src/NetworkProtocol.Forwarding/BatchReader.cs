using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>Decodes one batch, and gives each message its sequence number.</summary>
internal sealed class BatchReader
{
    private string? _source;
    private Lane _lane;
    private long _epoch;
    private long _first;
    private List<string> _topics = [];
    private long _baseTime;
    private List<(int Topic, long Delta, byte[] Payload)> _messages = [];
    private List<Loss> _losses = [];
    private long _behind;

    public Batch Read(ReadOnlyMemory<byte> cbor)
    {
        Cbor.ReadMap(cbor, "The batch", Field);
        Check();
        return new Batch(_source!, _lane, _epoch, _first, Number(), _losses, _behind);
    }

    private bool Field(CborReader reader, int key)
    {
        switch (key)
        {
            case 0:
                _source = reader.ReadTextString();
                return true;
            case 1:
                _lane = (Lane)reader.ReadInt32();
                return true;
            case 2:
                _epoch = reader.ReadInt64();
                return true;
            case 3:
                _first = reader.ReadInt64();
                return true;
            case 4:
                _topics = Cbor.ReadArray(reader, "topics", Batch.MaxMessages, element => element.ReadTextString());
                return true;
            case 5:
                _baseTime = reader.ReadInt64();
                return true;
            case 6:
                _messages = Cbor.ReadArray(reader, "messages", Batch.MaxMessages, ReadMessage);
                return true;
            case 7:
                _losses = Cbor.ReadArray(reader, "losses", Batch.MaxLosses, ReadLoss);
                return true;
            case 8:
                _behind = reader.ReadInt64();
                return true;
            default:
                return false;
        }
    }

    private static (int Topic, long Delta, byte[] Payload) ReadMessage(CborReader reader)
    {
        reader.ReadStartArray();
        var message = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadByteString());
        reader.ReadEndArray();
        return message;
    }

    private static Loss ReadLoss(CborReader reader)
    {
        reader.ReadStartArray();
        var loss = new Loss(reader.ReadInt64(), reader.ReadInt64(), (LossReason)reader.ReadInt32());
        reader.ReadEndArray();
        return loss;
    }

    private void Check()
    {
        SourceName.Check(_source);
        Require(Enum.IsDefined(_lane), $"The lane is {(int)_lane}; it must be 0 (bulk) or 1 (alarm).");
        Require(_epoch is >= 1 and <= Batch.MaxNumber, $"The epoch is {_epoch}; it must be 1 to {Batch.MaxNumber}.");
        Require(_first is >= 1 and <= Batch.MaxNumber, $"The first sequence number is {_first}; it must be 1 to {Batch.MaxNumber}.");
        Require(
            _behind is >= 0 and <= Batch.MaxNumber,
            $"The messages behind the batch are {_behind}; they must be 0 to {Batch.MaxNumber}.");
        foreach (var topic in _topics)
        {
            Require(Topic.ProblemOf(topic) is not { } problem, Topic.ProblemOf(topic) ?? "");
        }

        foreach (var loss in _losses)
        {
            Require(
                loss.First is >= 1 and <= Batch.MaxNumber && loss.Count >= 1 && loss.Count <= Batch.MaxNumber - loss.First,
                $"A loss of {loss.Count} messages from {loss.First} on is not a range of sequence numbers.");
        }
    }

    /// <summary>Gives the messages the numbers that no loss has.</summary>
    private List<BatchMessage> Number()
    {
        var numbered = new List<BatchMessage>(_messages.Count);
        var next = _first;
        var loss = 0;
        for (var i = 0; i <= _messages.Count; i++)
        {
            while (loss < _losses.Count && _losses[loss].First == next)
            {
                next += _losses[loss++].Count;
            }

            if (i < _messages.Count)
            {
                numbered.Add(ToMessage(_messages[i], next++));
            }
        }

        Require(
            loss == _losses.Count,
            "The losses do not fit between the messages: they must be in order, not overlap, and lie in the batch's range.");
        Require(next <= Batch.MaxNumber, $"The batch ends beyond the largest sequence number, {Batch.MaxNumber}.");
        return numbered;
    }

    private BatchMessage ToMessage((int Topic, long Delta, byte[] Payload) message, long sequence)
    {
        Require(
            message.Topic >= 0 && message.Topic < _topics.Count,
            $"A message has the topic {message.Topic}, and there are {_topics.Count} topics.");
        Require(UnixTime.IsValid(_baseTime), $"The base time is {_baseTime}; it must be milliseconds since 1970-01-01 UTC.");
        var isValid = message.Delta is >= -UnixTime.Max and <= UnixTime.Max && UnixTime.IsValid(_baseTime + message.Delta);
        Require(isValid, $"A message has the time {_baseTime} + {message.Delta}, which is not from 1970 to 9999.");
        Require(
            message.Payload.Length <= Publication.MaxPayloadBytes,
            $"A message has {message.Payload.Length} bytes; at most {Publication.MaxPayloadBytes} are allowed.");
        return new BatchMessage(sequence, _baseTime + message.Delta, _topics[message.Topic], message.Payload);
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new EncodingException(problem);
        }
    }
}
