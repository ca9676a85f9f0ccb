/**
 * The emoji that can be written by a word between colons, by the names that other programs have taught people. A small
 * set on purpose: what is here is offered, and everything else can be typed as it is.
 */
const written = `
grinning 😀 smiley 😃 smile 😄 grin 😁 laughing 😆 sweat_smile 😅 joy 😂 rofl 🤣 slightly_smiling_face 🙂 upside_down_face 🙃
wink 😉 blush 😊 innocent 😇 heart_eyes 😍 star_struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪 hugs 🤗
thinking 🤔 zipper_mouth_face 🤐 raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒 roll_eyes 🙄
grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 face_with_thermometer 🤒 sneezing_face 🤧 dizzy_face 😵
exploding_head 🤯 partying_face 🥳 sunglasses 😎 nerd_face 🤓 confused 😕 worried 😟 slightly_frowning_face 🙁 open_mouth 😮
astonished 😲 flushed 😳 pleading_face 🥺 cold_sweat 😰 cry 😢 sob 😭 scream 😱 disappointed 😞 sweat 😓 weary 😩 tired_face 😫
yawning_face 🥱 triumph 😤 rage 😡 angry 😠 skull 💀 clown_face 🤡 ghost 👻 robot 🤖 see_no_evil 🙈 hear_no_evil 🙉
speak_no_evil 🙊 heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤
white_heart 🤍 broken_heart 💔 sparkling_heart 💖 100 💯 boom 💥 sweat_drops 💦 dash 💨 zzz 💤 wave 👋 raised_hand ✋
ok_hand 👌 v ✌️ crossed_fingers 🤞 call_me_hand 🤙 point_left 👈 point_right 👉 point_up ☝️ point_down 👇 +1 👍 thumbsup 👍
-1 👎 thumbsdown 👎 fist ✊ punch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 writing_hand ✍️ muscle 💪
eyes 👀 brain 🧠 shrug 🤷 facepalm 🤦 raising_hand 🙋 runner 🏃 dancer 💃 sunny ☀️ partly_sunny ⛅ cloud ☁️ rainbow 🌈
snowflake ❄️ zap ⚡ umbrella ☔ ocean 🌊 fire 🔥 star ⭐ star2 🌟 sparkles ✨ earth_africa 🌍 earth_americas 🌎 earth_asia 🌏
seedling 🌱 evergreen_tree 🌲 palm_tree 🌴 cactus 🌵 four_leaf_clover 🍀 tulip 🌷 rose 🌹 sunflower 🌻 bouquet 💐 dog 🐶
cat 🐱 fox_face 🦊 bear 🐻 penguin 🐧 bird 🐦 owl 🦉 fish 🐟 whale 🐳 dolphin 🐬 octopus 🐙 turtle 🐢 snail 🐌 bee 🐝 bug 🐛
apple 🍎 banana 🍌 lemon 🍋 strawberry 🍓 bread 🍞 cheese 🧀 pizza 🍕 sandwich 🥪 salad 🥗 cake 🍰 birthday 🎂 cookie 🍪
chocolate_bar 🍫 coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾 house 🏠 office 🏢 hospital 🏥 school 🏫
construction 🚧 anchor ⚓ ship 🚢 boat ⛵ car 🚗 bus 🚌 bike 🚲 train 🚆 airplane ✈️ rocket 🚀 hourglass ⌛ watch ⌚
alarm_clock ⏰ calendar 📅 soccer ⚽ trophy 🏆 medal_sports 🏅 dart 🎯 art 🎨 musical_note 🎵 headphones 🎧 microphone 🎤
guitar 🎸 tada 🎉 balloon 🎈 gift 🎁 christmas_tree 🎄 phone ☎️ telephone_receiver 📞 iphone 📱 computer 💻 keyboard ⌨️
printer 🖨️ camera 📷 tv 📺 battery 🔋 bulb 💡 book 📖 books 📚 newspaper 📰 money 💶 chart 📈 envelope ✉️ email 📧 inbox 📥
package 📦 memo 📝 pencil2 ✏️ paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️ file_folder 📁 clipboard 📋 wastebasket 🗑️
lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ link 🔗 mag 🔍 bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣
speech_balloon 💬 thought_balloon 💭 warning ⚠️ no_entry ⛔ x ❌ o ⭕ white_check_mark ✅ heavy_check_mark ✔️ question ❓
exclamation ❗ heavy_plus_sign ➕ heavy_minus_sign ➖ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ repeat 🔁
recycle ♻️ red_circle 🔴 orange_circle 🟠 yellow_circle 🟡 green_circle 🟢 large_blue_circle 🔵 checkered_flag 🏁
rainbow_flag 🏳️‍🌈
`;

const words = written.trim().split(/\s+/);

/** The emoji of each shortcode, without its colons. */
export const shortcodes: ReadonlyMap<string, string> = new Map(
  words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]!] as const] : [])),
);
