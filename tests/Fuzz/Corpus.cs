using System.Security.Cryptography;
using CsCheck;

namespace Fuzz;

/// <summary>The inputs of one target: files in <c>corpus/TARGET</c>, each named after its hash.</summary>
internal sealed class Corpus(string directory)
{
    private const int MaxMutations = 8;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _found = [];
    private readonly List<byte[]> _inputs = [];

    public int Count => _inputs.Count;

    public static string DirectoryOf(string root, string target) => Path.Combine(root, "corpus", target);

    public static IEnumerable<byte[]> Load(string directory) => Directory.EnumerateFiles(directory).Select(File.ReadAllBytes);

    /// <summary>Makes changed copies of inputs that the corpus has.</summary>
    public Gen<byte[]> Mutants() => Gen.Select(
        Gen.UInt, Gen.Select(Gen.Int[0, 6], Gen.UInt, Gen.Byte, Gen.Byte.Array[0, 40]).Array[0, MaxMutations]).Select(Mutate);

    /// <summary>Keeps an input that led to something new.</summary>
    public void Keep(byte[] input, int found, bool save)
    {
        lock (_lock)
        {
            if (!_found.Add(found))
            {
                return;
            }

            _inputs.Add(input);
        }

        if (save)
        {
            File.WriteAllBytes(Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
        }
    }

    private byte[] Mutate(uint seed, (int Kind, uint At, byte Value, byte[] Bytes)[] mutations)
    {
        List<byte> bytes;
        lock (_lock)
        {
            bytes = [.. _inputs.Count == 0 ? [] : _inputs[(int)(seed % (uint)_inputs.Count)]];
        }

        foreach (var (kind, where, value, inserted) in mutations)
        {
            var at = (int)(where % (uint)(bytes.Count + 1));
            switch (kind)
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << (value % 8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = value;
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] = value < 128 ? (byte)0 : (byte)0xFF;
                    break;
                case 3:
                    bytes.InsertRange(at, inserted);
                    break;
                case 4:
                    bytes.RemoveRange(at, Math.Min(value % 16, bytes.Count - at));
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.Take(Math.Min((int)value, 200)).ToArray());
                    break;
                case 6:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
